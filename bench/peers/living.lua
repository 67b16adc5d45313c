-- One event, for those who want duplicates recognised: as the plain commands of living.py, but an event's id and an
-- order's id count once, the first to arrive. Ids are kept for ever. Keys are made here, so this is for one server.
local id, person, time, name, what, cents = unpack(ARGV)
if redis.call('SADD', 'e:' .. person, id) == 0 then return 0 end
redis.call('HINCRBY', 'c:' .. person, 'items', 1)
redis.call('ZADD', 't:' .. person, 'GT', time, 'last_visit')
if name == 'Product Viewed' then
  redis.call('HINCRBY', 'c:' .. person, 'views', 1)
  redis.call('ZADD', 'v:' .. person, time, id)
  redis.call('HINCRBY', 'k:' .. person, what, 1)
  redis.call('ZADD', 'l:' .. person, 'GT', time, what)
elseif redis.call('SADD', 'd:' .. person, what) == 1 then
  redis.call('HINCRBY', 'c:' .. person, 'orders', 1)
  redis.call('HINCRBY', 'c:' .. person, 'revenue', cents)
  redis.call('ZADD', 't:' .. person, 'GT', time, 'last_order', cents, 'largest_order')
  redis.call('ZADD', 't:' .. person, 'LT', time, 'first_order')
  redis.call('ZADD', 'o:' .. person, time, what .. '|' .. cents)
end
return 1
