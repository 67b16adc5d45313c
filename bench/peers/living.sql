-- The twenty traits of living.textproto of one person, on read. living.py puts the time in place of {now}; :person is
-- pgbench's, and becomes a parameter.
WITH mine AS MATERIALIZED (
  SELECT id, time, name, order_id, total, category FROM events WHERE person = :person
), orders AS (  -- once_per: of two items of one order the earlier
  SELECT DISTINCT ON (order_id) time, total FROM mine WHERE name = 'Order Completed' ORDER BY order_id, time, id
), views AS (
  SELECT time, category FROM mine WHERE name = 'Product Viewed'
), of_items AS (
  SELECT count(*) AS items, max(time) AS last_visit FROM mine
), of_orders AS (
  SELECT count(*) AS orders, coalesce(sum(total), 0) AS revenue, max(total) AS largest_order,
         min(time) AS first_order, max(time) AS last_order,
         count(*) FILTER (WHERE time > to_timestamp({now}) - interval '30 days') AS orders_30d,
         coalesce(sum(total) FILTER (WHERE time > to_timestamp({now}) - interval '90 days'), 0) AS revenue_90d,
         floor(({now} - extract(epoch FROM max(time))) / 86400) AS days_since_order
  FROM orders
), of_views AS (
  SELECT count(*) AS views,
         count(*) FILTER (WHERE time > to_timestamp({now}) - interval '7 days') AS views_7d,
         count(*) FILTER (WHERE time >= date_trunc('month', to_timestamp({now}), 'UTC')) AS views_this_month
  FROM views
), ranked AS (
  SELECT category, count(*) AS views,
         row_number() OVER (ORDER BY count(*) DESC, max(time) DESC, category COLLATE "C") AS place
  FROM views WHERE category IS NOT NULL GROUP BY category
), of_categories AS (
  SELECT count(*) AS categories, max(category) FILTER (WHERE place = 1) AS favourite,
         coalesce(json_agg(json_build_object('value', category, 'count', views) ORDER BY place)
                  FILTER (WHERE place <= 3), '[]') AS top_categories
  FROM ranked
)
SELECT items, views, orders, revenue, largest_order, first_order, last_order, days_since_order,
       floor(({now} - extract(epoch FROM last_visit)) / 86400) AS days_since_visit,
       favourite, categories, top_categories, views_7d, orders_30d, revenue_90d, views_this_month,
       round(revenue / nullif(orders, 0), 6) AS average_order,
       round(CAST(views AS numeric) / nullif(orders, 0), 6) AS views_per_order,
       CAST(orders >= 1 AS int) + CAST(orders >= 2 AS int) + CAST(orders >= 5 AS int) + CAST(orders >= 10 AS int)
         AS frequency,
       CAST(days_since_order >= 7 AS int) + CAST(days_since_order >= 30 AS int)
         + CAST(days_since_order >= 90 AS int) AS recency
FROM of_items, of_orders, of_views, of_categories
