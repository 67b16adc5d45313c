#include "ingest/segment.h"

#include "catch.h"
#include "kintsugi/value.h"
#include "unit/ingest/support.h"

namespace kintsugi::ingest {
namespace {

Schema Declared() {
  Schema schema;
  schema.namespaces = {{.name = "user_id", .max_per_profile = 1},
                       {.name = "email"},
                       {.name = "phone"},
                       {.name = "device"},
                       {.name = "loyalty"},
                       {.name = "anonymous_id"}};
  return schema;
}

std::vector<Parsed> Read(std::string_view text, std::vector<IdentifierField> map = {},
                         const Schema& schema = Declared()) {
  Source source{.name = "web", .rows = Events{.format = EventFormat::kSegment, .map = std::move(map)}};
  return ParseRow(*MakeSegmentParser(schema, source), text);
}

// A message with a timestamp.
std::string Message(const std::string& fields) {
  return R"({"timestamp":"2026-01-02T03:04:05Z",)" + fields + "}";
}

std::string Ids(const std::string& fields, std::vector<IdentifierField> map = {}, const Schema& schema = Declared()) {
  return Show(OnlyEvent(Read(Message(fields), std::move(map), schema)).identifiers);
}

std::string TimeOf(const std::string& fields) {
  return FormatTime(OnlyEvent(Read(R"({"type":"track","event":"x",)" + fields + "}")).time);
}

TEST_CASE("ingest: a track call becomes an event") {
  // Its own name, its properties, the person's traits from the context.
  const std::vector<Parsed> parsed = Read(
      Message(R"("type":"track","messageId":"m","userId":"u","anonymousId":"a","event":"Order Completed",)"
              R"("properties":{"total":27.5,"coupon":null},"context":{"traits":{"plan":"pro"},"device":{"id":"d"}})"));
  const Event& event = OnlyEvent(parsed);
  CHECK(event.source == "web");
  CHECK(event.id == "m");
  CHECK(FormatTime(event.time) == "2026-01-02T03:04:05Z");
  CHECK(event.name == "Order Completed");
  CHECK(Show(event.identifiers) == "user_id:u anonymous_id:a");
  CHECK(event.traits == std::vector<NamedValue>{{"plan", "pro"}});
  CHECK(event.properties ==
        std::vector<NamedValue>{{"device", Json{R"({"id":"d"})"}}, {"total", 27.5}, {"coupon", Null{}}});
}

// Where it happened, on what, and what led there; what the message says itself comes later, and so counts.
TEST_CASE("ingest: an event has its page, campaign, device and locale from the context") {
  const Event event = OnlyEvent(Read(Message(
      R"("type":"page","name":"Home","context":{"page":{"url":"http://x/"},"campaign":{"name":"c"},"locale":"de",)"
      R"("device":null,"os":{"name":"z"}},"properties":{"locale":"fr","name":"Start"})")));
  CHECK(event.properties == std::vector<NamedValue>{{"page", Json{R"({"url":"http://x/"})"}},
                                                    {"campaign", Json{R"({"name":"c"})"}},
                                                    {"locale", "de"},
                                                    {"name", "Home"},
                                                    {"locale", "fr"},
                                                    {"name", "Start"}});
}

TEST_CASE("ingest: snake_case means the same as camelCase") {
  // Warehouses rename every field; the event must not differ.
  const Event camel = OnlyEvent(Read(
      R"({"type":"alias","messageId":"m","userId":"u","anonymousId":"a","previousId":"p","originalTimestamp":"2026-01-01",)"
      R"("sentAt":"2026-01-01","receivedAt":"2026-01-03","context":{"externalIds":[{"id":"d","type":"device"}]}})"));
  const Event snake = OnlyEvent(Read(
      R"({"type":"alias","message_id":"m","user_id":"u","anonymous_id":"a","previous_id":"p","original_timestamp":"2026-01-01",)"
      R"("sent_at":"2026-01-01","received_at":"2026-01-03","context":{"external_ids":[{"id":"d","type":"device"}]}})"));
  CHECK(Show(camel.identifiers) == "user_id:u anonymous_id:a device:d anonymous_id:p");
  CHECK(Show(snake.identifiers) == Show(camel.identifiers));
  CHECK(snake.id == "m");
  CHECK(snake.time == camel.time);
}

TEST_CASE("ingest: the traits of identify win over those of the context") {
  // A null deletes, an empty string sets, arrays and objects are compact text.
  const Event event = OnlyEvent(Read(Message(
      R"("type":"identify","context":{"traits":{"plan":"free","city":"Ghent"}},"traits":{"plan":null,"nick":"",)"
      R"("tags":[ 1, 2 ],"address":{ "zip": "9000" },"age":30,"vip":true,"score":0.5})")));
  CHECK(Get(event.traits, "plan") == Value(Null{}));
  CHECK(Get(event.traits, "city") == Value("Ghent"));
  CHECK(Get(event.traits, "nick") == Value(""));
  CHECK(Get(event.traits, "tags") == Value(Json{"[1,2]"}));
  CHECK(Get(event.traits, "address") == Value(Json{R"({"zip":"9000"})"}));
  CHECK(Get(event.traits, "age") == Value(int64_t{30}));
  CHECK(Get(event.traits, "vip") == Value(true));
  CHECK(Get(event.traits, "score") == Value(0.5));
}

TEST_CASE("ingest: the traits of a group are the group's") {
  // They are properties of the event, and the company's mailbox is nobody's identifier.
  const Event event =
      OnlyEvent(Read(Message(R"("type":"group","userId":"u","groupId":"g","traits":{"email":"info@x.com","seats":5},)"
                             R"("context":{"traits":{"email":"jane@x.com"}})")));
  CHECK(Show(event.identifiers) == "user_id:u email:jane@x.com");
  CHECK(event.traits == std::vector<NamedValue>{{"email", "jane@x.com"}});
  CHECK(event.properties == std::vector<NamedValue>{{"groupId", "g"}, {"email", "info@x.com"}, {"seats", int64_t{5}}});
}

TEST_CASE("ingest: an event's name says what happened") {
  // A track's event; a page or screen is one that was viewed; of the others the type, with a name.
  const auto name = [](const std::string& fields) { return OnlyEvent(Read(Message(fields))).name; };
  CHECK(name(R"("type":"track","event":"Signed Up")") == "Signed Up");
  CHECK(name(R"("type":"track")") == "track");
  CHECK(name(R"("type":"page","name":"Home")") == "Page Viewed");
  CHECK(name(R"("type":"screen","name":"Cart")") == "Screen Viewed");
  CHECK(name(R"("type":"page")") == "Page Viewed");
  CHECK(name(R"("type":"identify")") == "identify");
}

TEST_CASE("ingest: a missing timestamp is computed, so that a wrong clock on the device does not count") {
  // received − (sent − original), and what is left of it when parts are missing or cannot be read.
  CHECK(TimeOf(R"("timestamp":"2026-01-01","originalTimestamp":"2020-01-01","receivedAt":"2026-01-05")") ==
        "2026-01-01T00:00:00Z");
  CHECK(
      TimeOf(
          R"("originalTimestamp":"2020-01-01T00:00:00Z","sentAt":"2020-01-01T00:01:00Z","receivedAt":"2026-01-05T10:00:00Z")") ==
      "2026-01-05T09:59:00Z");
  CHECK(TimeOf(R"("timestamp":null,"originalTimestamp":"2026-01-01","receivedAt":"2026-01-05")") ==
        "2026-01-01T00:00:00Z");
  CHECK(TimeOf(R"("sentAt":"2026-01-04","receivedAt":"2026-01-05")") == "2026-01-05T00:00:00Z");
  CHECK(TimeOf(R"("sentAt":"2026-01-04")") == "2026-01-04T00:00:00Z");
  CHECK(TimeOf(R"("originalTimestamp":"60000-01-01T00:00:00Z","sentAt":"2026-01-04","receivedAt":"2026-01-05")") ==
        "2026-01-05T00:00:00Z");
  CHECK(TimeOf(R"("originalTimestamp":"9999-01-01","sentAt":"0001-01-01","receivedAt":"2026-01-05")") ==
        "9999-01-01T00:00:00Z");
}

TEST_CASE("ingest: a message without a time that can be read is refused") {
  // A timestamp that is there is not silently replaced by another time.
  const auto reason = [](const std::string& fields) { return OnlyReason(Read(R"({"type":"page",)" + fields + "}")); };
  CHECK(reason(R"("userId":"u")").find("time is missing") == 0);
  CHECK(reason(R"("timestamp":"60000-01-01T00:00:00Z","sentAt":"2026-01-01")").find("time ") == 0);
  CHECK(reason(R"("timestamp":{},"sentAt":"2026-01-01")").find("time ") == 0);
  CHECK(reason(R"("sentAt":"soon")").find("time \"soon\" in field `sentAt` cannot be read: write 2026-") == 0);
  CHECK(reason(R"("received_at":"soon")").find("time \"soon\" in field `receivedAt` cannot be read") == 0);
}

TEST_CASE("ingest: a message of an unknown type or shape is refused") {
  // The reason names the field.
  CHECK(OnlyReason(Read(Message(R"("type":"trakc")"))).find("type `trakc` is not one of") == 0);
  CHECK(OnlyReason(Read(Message(R"("userId":"u")"))) == "field `type` is missing");
  CHECK(OnlyReason(Read(Message(R"("type":"track","userId":{})"))) == "field `userId` must be a string, not an object");
  CHECK(OnlyReason(Read(Message(R"("type":"track","traits":[])"))) == "field `traits` must be an object, not an array");
  CHECK(OnlyReason(Read("[]")) == "not a JSON object but an array");
  CHECK(Read("").empty());
}

TEST_CASE("ingest: each message of a batch is an item of its own") {
  // It inherits context, sentAt and receivedAt where it has none; a bad one does not touch the others.
  const std::vector<Parsed> parsed = Read(
      R"({"batch":[{"type":"track","event":"a","userId":"u","originalTimestamp":"2026-01-01T00:00:00Z"},5,)"
      R"({"type":"nope"},{"type":"page","sent_at":"2026-01-09","receivedAt":null,"context":{}}],)"
      R"("sentAt":"2026-01-01T00:00:30Z","received_at":"2026-01-05T00:00:30Z","context":{"traits":{"email":"j@x.com"}}})");
  REQUIRE(parsed.size() == 4);
  const Event& first = std::get<Event>(parsed[0]);
  CHECK(FormatTime(first.time) == "2026-01-05T00:00:00Z");
  CHECK(Show(first.identifiers) == "user_id:u email:j@x.com");
  CHECK(ReasonOf(parsed[1]) == "batch[1]: not a JSON object but a number");
  CHECK(ReasonOf(parsed[2]).find("batch[2]: type `nope`") == 0);
  const Event& last = std::get<Event>(parsed[3]);
  CHECK(FormatTime(last.time) == "2026-01-05T00:00:30Z");
  CHECK(last.identifiers.empty());
  CHECK(OnlyReason(Read(R"({"batch":{}})")) == "field `batch` must be an array, not an object");
  CHECK(Read(R"({"batch":[]})").empty());
}

TEST_CASE("ingest: the default namespaces are used where they are declared") {
  // And silently are not, elsewhere.
  const std::string fields =
      R"("type":"identify","userId":7,"anonymousId":"a","traits":{"email":"t@x.com","phone":"1"},)"
      R"("context":{"traits":{"email":"c@x.com"},"externalIds":[{"id":"d","type":"device","collection":"users"},)"
      R"({"id":"x","type":"undeclared"},{"id":null,"type":"device"},{"type":"device"},7]})";
  CHECK(Ids(fields) == "user_id:7 anonymous_id:a email:t@x.com phone:1 device:d");
  Schema few;
  few.namespaces = {{.name = "email"}};
  CHECK(Ids(fields, {}, few) == "email:t@x.com");
  CHECK(Ids(R"("type":"identify","traits":{"email":null,"phone":""},"userId":"")").empty());
}

TEST_CASE("ingest: an entry of the map replaces the default of its field") {
  // In either spelling, and only of that field.
  const std::string fields =
      R"("type":"track","event":"x","userId":"u","anonymousId":"a","context":{"traits":{"email":"e"}})";
  for (const char* name : {"anonymousId", "anonymous_id"}) {
    CHECK(Ids(fields, {{name, "device"}}) == "device:a user_id:u email:e");
  }
  CHECK(Ids(fields, {{"userId", "loyalty"}, {"userId", "device"}}) == "loyalty:u device:u anonymous_id:a email:e");
  CHECK(Ids(fields, {{"traits.email", "loyalty"}}) == "loyalty:e user_id:u anonymous_id:a");
  CHECK(Ids(fields, {{"email", "loyalty"}}) == "loyalty:e user_id:u anonymous_id:a");
}

TEST_CASE("ingest: the map reaches into the message by dotted paths") {
  // Traits of the message or of the context, the device, properties, and fields that the spec does not know.
  const std::string fields =
      R"("type":"track","event":"x","context":{"device":{"id":"d","advertisingId":"ad"},"traits":{"loyalty":"l"}},)"
      R"("properties":{"coupon":["c","k"],"card_no":5},"shopper":{"no":9})";
  CHECK(Ids(fields, {{"context.device.id", "device"}}) == "device:d");
  CHECK(Ids(fields, {{"context.device.advertising_id", "device"}}) == "device:ad");
  CHECK(Ids(fields, {{"traits.loyalty", "loyalty"}}) == "loyalty:l");
  CHECK(Ids(fields, {{"properties.coupon", "loyalty"}, {"properties.card_no", "device"}}) ==
        "loyalty:c loyalty:k device:5");
  CHECK(Ids(fields, {{"shopper.no", "loyalty"}}) == "loyalty:9");
}

TEST_CASE("ingest: an alias says that previousId and userId are one") {
  // previousId is what anonymousId is, and also what userId is where a person may have several of those.
  const std::string fields = R"("type":"alias","userId":"new","previousId":"old")";
  CHECK(Ids(fields) == "user_id:new anonymous_id:old");
  Schema several = Declared();
  several.namespaces[0].max_per_profile = 2;
  CHECK(Ids(fields, {}, several) == "user_id:new user_id:old anonymous_id:old");
  several.namespaces[0].max_per_profile = 0;
  CHECK(Ids(fields, {{"anonymousId", "device"}}, several) == "user_id:new device:old user_id:old");
  for (const char* name : {"previousId", "previous_id"}) {
    CHECK(Ids(fields, {{name, "loyalty"}}, several) == "loyalty:old user_id:new");
  }
  CHECK(Ids(R"("type":"track","event":"x","userId":"new","previousId":"old")") == "user_id:new");
}

}  // namespace
}  // namespace kintsugi::ingest
