#include "kintsugi/schema.h"

#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "catch.h"
#include "data_dir.h"

namespace kintsugi {
namespace {

// The smallest schema that is good. Tests add the declaration that they are about.
constexpr std::string_view kGood =
    "namespaces { name: \"email\" }\n"
    "sources { name: \"web\" events { format: NATIVE } }\n";

std::string ErrorOf(std::string_view text) {
  const auto schema = Schema::Parse(text, "s.textproto");
  if (schema.ok()) return "no error";
  CHECK(schema.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(schema.status().message());
}

// The error of a good schema's two lines with a third.
std::string ErrorOfThird(std::string_view line) {
  return ErrorOf(std::string(kGood) + std::string(line));
}

// `text` begins with `place` and goes on with words that hold `hint`.
void CheckError(const std::string& text, std::string_view place, std::string_view hint) {
  INFO(text);
  CHECK(text.starts_with("s.textproto:" + std::string(place) + ": "));
  CHECK(text.find(hint) != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
}

Schema MustParse(std::string_view text) {
  auto schema = Schema::Parse(text, "s.textproto");
  if (!schema.ok()) FAIL(schema.status());
  return *std::move(schema);
}

// The contract's own examples are good as they stand.
TEST_CASE("The shared examples load verbatim", "[schema][data]") {
  for (const char* name : {"linking", "shop"}) {
    const auto file = DataFileOrSkip(std::string("examples/") + name + ".textproto");
    if (!file) return;
    const auto schema = Schema::Load(file->string());
    INFO(name);
    INFO(schema.status());
    REQUIRE(schema.ok());
    CHECK(schema->Validate().ok());
  }
}

// Every field of the text reaches its place in the struct.
TEST_CASE("The shared shop means what it says", "[schema][data]") {
  const auto file = DataFileOrSkip("examples/shop.textproto");
  if (!file) return;
  const auto schema = Schema::Load(file->string());
  REQUIRE(schema.ok());
  REQUIRE(schema->namespaces.size() == 6);
  const Namespace& email = schema->namespaces[2];
  CHECK(email.name == "email");
  CHECK(email.normalize == Normalization::kEmail);
  CHECK(email.max_per_profile == 5);
  CHECK(email.generic_above == 5);
  CHECK(email.blocked == std::vector<std::string>{"noreply@example.com"});
  CHECK(email.blocked_patterns.size() == 1);
  CHECK(schema->namespaces[3].phone_region == "US");
  CHECK(schema->identity.on_conflict == OnConflict::kKeepNewest);
  CHECK(schema->identity.max_identifiers == 200);

  REQUIRE(schema->sources.size() == 4);
  const Source& crm = schema->sources[0];
  CHECK(crm.party == Party::kFirstParty);
  CHECK(crm.trust == 0.9);
  REQUIRE(crm.table() != nullptr);
  CHECK(crm.table()->format == TableFormat::kCsv);
  CHECK(crm.table()->key == "id");
  CHECK(crm.table()->updated_at == "modified");
  CHECK(crm.table()->identifiers[1].field == "mail");
  CHECK(crm.table()->identifiers[1].ns == "email");
  CHECK(crm.table()->attributes.back().name == "birth_date");
  CHECK(crm.table()->attributes.back().type == ValueType::kDate);
  CHECK(schema->sources[2].table() == nullptr);
  REQUIRE(schema->sources[2].events() != nullptr);
  CHECK(schema->sources[2].events()->format == EventFormat::kSegment);
  CHECK(schema->sources[2].events()->map.size() == 2);

  CHECK(schema->golden.attributes[3].keep == Keep::kMostFrequent);
  REQUIRE(schema->golden.groups.size() == 1);
  CHECK(schema->golden.groups[0].keep == Keep::kSourceOrder);
  CHECK(schema->golden.groups[0].source_order == std::vector<std::string>{"crm", "pos"});
  CHECK(schema->golden.groups[0].members == std::vector<std::string>{"street", "city", "postal_code"});
  CHECK(schema->golden.others == Keep::kMostRecent);
}

// What is left out has the value that include/kintsugi/schema.h gives it.
TEST_CASE("Fields that are left out have their defaults", "[schema]") {
  const Schema schema =
      MustParse("namespaces { name: 'id' } sources { name: 's' table { key: 'k' attributes { field: 'a.b' } } }");
  CHECK(schema.sources[0].trust == 0.5);
  CHECK(schema.sources[0].party == Party::kUnspecified);
  CHECK(schema.sources[0].table()->format == TableFormat::kCsv);
  CHECK(schema.sources[0].table()->attributes[0].name == "a.b");
  CHECK(schema.sources[0].table()->attributes[0].type == ValueType::kString);
  CHECK(schema.namespaces[0].normalize == Normalization::kNone);
}

// A missing file is not a bad schema.
TEST_CASE("A schema file that is missing is not found", "[schema]") {
  const auto schema = Schema::Load("/nowhere/shop.textproto");
  CHECK(schema.status().code() == absl::StatusCode::kNotFound);
  CHECK(schema.status().message().find("/nowhere/shop.textproto") != std::string_view::npos);
}

// What the grammar refuses: the error stands at the word that is wrong, and lists what would be right.
TEST_CASE("A word that the grammar does not have is an error at that word", "[schema]") {
  CheckError(ErrorOfThird("namespaces { nam: 'x' }"), "3:14", "no field `nam` here: the fields are name, normalize,");
  CheckError(ErrorOfThird("namespace { name: 'x' }"), "3:1", "no field `namespace` here: the fields are namespaces,");
  CheckError(ErrorOfThird("namespaces {\n  name: 'x'\n  typ   {}\n}"), "5:3", "no field `typ`");
  CheckError(ErrorOfThird("golden {\n\tattributes { nme: 'x' } }"), "4:22",
             "no field `nme` here: the fields are name, keep");
  CheckError(ErrorOfThird("namespaces { name: 'x' normalize: MAIL }"), "3:35",
             "no `MAIL` for `normalize`: the choices are NONE,");
  CheckError(ErrorOfThird("golden { others: NEWEST }"), "3:18", "the choices are MOST_RECENT, OLDEST");
  CheckError(ErrorOfThird("namespaces { name: 3 }"), "3:20", "Expected string");
  CheckError(ErrorOfThird("namespaces { name: 'a' name: 'b' }"), "3:28", "\"name\" is specified multiple times");
}

// A missing brace shows only further down, where nothing is wrong.
TEST_CASE("A block that is not closed is an error where the block begins", "[schema]") {
  CheckError(ErrorOfThird("namespaces {"), "3:1", "the block `namespaces` that begins here has no `}` before the end");
  CheckError(ErrorOfThird("namespaces { name: 'a'\nsources { name: 's' table {} }"), "3:1",
             "has no `}` before `sources` on line 4");
  CheckError(ErrorOfThird("sources {\n\ttable {\n identifiers { field: 'm' # }\n attributes { field: '}' } } }"), "5:2",
             "the block `identifiers` that begins here has no `}` before `attributes` on line 6");
  // What is no field of a block around is only misspelt.
  CheckError(ErrorOfThird("namespaces { name: 'a'\nsourcse { }"), "4:1", "no field `sourcse` here");
  CheckError(ErrorOfThird("namespaces { sources { } }"), "3:14", "no field `sources` here");
}

// Nothing could ever be identified.
TEST_CASE("A schema without a namespace is an error", "[schema]") {
  CheckError(ErrorOf("sources { name: 'web' events { } }"), "1:1", "add at least one `namespaces");
  CheckError(ErrorOf(""), "1:1", "add at least one `namespaces");
}

// Names are keys of JSON, parts of `ns:value` and words of the command line.
TEST_CASE("A name is letters, digits, underscores and hyphens", "[schema]") {
  CheckError(ErrorOfThird("namespaces { name: 'e mail' }"), "3:14", "a namespace needs a name of letters");
  CheckError(ErrorOfThird("namespaces { name: 'a:b' }"), "3:14", "this is `a:b`");
  CheckError(ErrorOfThird("namespaces { name: '" + std::string(65, 'a') + "' }"), "3:14", "at most 64");
  CheckError(ErrorOfThird("namespaces { normalize: NONE }"), "3:1", "a namespace needs a name");
  CheckError(ErrorOfThird("sources { name: '' events { } }"), "3:11", "a source needs a name");
  CHECK(Schema::Parse(std::string(kGood) + "namespaces { name: 'wifi_mac-2' }").ok());
}

// A name means one thing.
TEST_CASE("A name that is declared twice is an error at the second", "[schema]") {
  CheckError(ErrorOfThird("namespaces { name: 'email' }"), "3:14", "`email` is declared twice: remove or rename one");
  CheckError(ErrorOfThird("sources { name: 'web' events { } }"), "3:11", "the source `web` is declared twice");
  CheckError(ErrorOfThird("golden { groups { name: 'g' attributes: 'a' }\n groups { name: 'g' attributes: 'b' } }"),
             "4:11", "the group `g` is declared twice");
}

// A record is an identifier of its source, so a source is a namespace too.
TEST_CASE("A source and a namespace never share a name", "[schema]") {
  CheckError(ErrorOfThird("sources { name: 'email' events { } }"), "3:11", "`email` is a namespace already");
}

// `profile:ID` is how a profile is asked for by its id.
TEST_CASE("Nothing is called profile", "[schema]") {
  CheckError(ErrorOfThird("namespaces { name: 'profile' }"), "3:14", "choose another");
}

// Rules of normalisation that another rule would silently ignore.
TEST_CASE("A namespace's fields fit its normalisation", "[schema]") {
  CheckError(ErrorOfThird("namespaces { name: 'p' normalize: EMAIL phone_region: 'US' }"), "3:41", "remove it");
  CheckError(ErrorOfThird("namespaces { name: 'p' provider_rules: true }"), "3:24", "remove it");
  CheckError(ErrorOfThird("namespaces { name: 'p' normalize: PHONE phone_region: 'us' }"), "3:41", "'us'");
  CheckError(ErrorOfThird("namespaces { name: 'p' normalize: PHONE phone_region: 'XX' }"), "3:41", "ISO 3166");
}

// Of several patterns the one that is wrong.
TEST_CASE("A blocked pattern that RE2 cannot read is an error at that pattern", "[schema]") {
  CheckError(ErrorOfThird("namespaces { name: 'p' blocked_pattern: 'a'\n  blocked_pattern: '(b' }"), "4:3", "'(b'");
}

// 128 bits, as SipHash takes them.
TEST_CASE("A profile id key is 32 hex digits", "[schema]") {
  CheckError(ErrorOfThird("identity { profile_id_key: 'abc' }"), "3:12", "32 hex digits");
  CheckError(ErrorOfThird("identity { profile_id_key: '0123456789abcdef0123456789abcdeg' }"), "3:12", "32 hex digits");
  CHECK(Schema::Parse(std::string(kGood) + "identity { profile_id_key: '0123456789abcdef0123456789abcdef' }").ok());
}

// Both would be two kinds of evidence under one name, neither none.
TEST_CASE("A source has a table or events", "[schema]") {
  CheckError(ErrorOfThird("sources { name: 'crm' }"), "3:1", "exactly one of `table` and `events`");
  CheckError(ErrorOfThird("sources { name: 'crm' table { key: 'id' } events { } }"), "3:1", "exactly one of");
}

// Rows that name nobody would all be lost.
TEST_CASE("A source without a way to an identifier is an error", "[schema]") {
  CheckError(ErrorOfThird("sources { name: 'crm' table { updated_at: 'at' } }"), "3:23",
             "give the table a `key` or `identifiers`");
  CheckError(ErrorOf("namespaces { name: 'id' } sources { name: 'w' events { format: SEGMENT } }"), "1:47",
             "`map` one of its fields");
  for (const char* fed : {"user_id", "anonymous_id", "email", "phone"}) {
    CHECK(Schema::Parse("namespaces { name: '" + std::string(fed) +
                        "' } sources { name: 'w' events { format: SEGMENT } }")
              .ok());
  }
}

// A misspelt namespace would be a new kind of identifier.
TEST_CASE("A namespace that is not declared is an error where it is used", "[schema]") {
  CheckError(
      ErrorOfThird("sources { name: 'crm' table { key: 'id' identifiers { field: 'mail' namespace: 'mail' } } }"),
      "3:69", "the namespace `mail` is not declared");
  CheckError(
      ErrorOfThird("sources { name: 'app' events { format: SEGMENT\n  map { field: 'userId' namespace: 'user' } } }"),
      "4:25", "`user` is not declared: declare it or correct the name");
  CheckError(ErrorOfThird("sources { name: 'crm' table { key: 'id' identifiers { field: 'mail' } } }"), "3:41",
             "`` is not declared");
}

// It would read nothing, for ever.
TEST_CASE("A field that is missing is an error", "[schema]") {
  CheckError(ErrorOfThird("sources { name: 'crm' table { key: 'id' identifiers { namespace: 'email' } } }"), "3:41",
             "name a column");
  CheckError(ErrorOfThird("sources { name: 'crm' table { key: 'id' attributes { name: 'a' } } }"), "3:41",
             "name a column");
  CheckError(ErrorOfThird("sources { name: 'crm' table { key: 'id' attributes { field: 'a' name: '' } } }"), "3:65",
             "give it one");
}

// Else the last column would win in silence.
TEST_CASE("An attribute is filled from one field", "[schema]") {
  CheckError(ErrorOfThird("sources { name: 'crm' table { key: 'id' attributes { field: 'a' name: 'n' }\n attributes { "
                          "field: 'n' } } }"),
             "4:2", "the attribute `n` is filled twice");
}

// It is a probability.
TEST_CASE("Trust is a number from 0 to 1", "[schema]") {
  for (const char* trust : {"-0.1", "1.5", "nan", "inf"}) {
    CheckError(ErrorOfThird("sources { name: 'app' trust: " + std::string(trust) + " events { } }"), "3:23",
               "from 0 to 1");
  }
  for (const char* trust : {"0", "1"}) {
    CHECK(Schema::Parse(std::string(kGood) + "sources { name: 'app' trust: " + trust + " events { } }").ok());
  }
}

// It would do nothing.
TEST_CASE("What belongs to records or to mapped events is refused elsewhere", "[schema]") {
  CheckError(ErrorOfThird("sources { name: 'app' duplicate_free: true events { } }"), "3:23", "a source with a table");
  CheckError(ErrorOfThird("sources { name: 'app' events { map { field: 'a' namespace: 'email' } } }"), "3:32",
             "remove `map`");
}

// An order that nobody follows is a mistake, and so is a rule that misses it.
TEST_CASE("SOURCE_ORDER needs an order, and no other rule has one", "[schema]") {
  CheckError(ErrorOfThird("golden { attributes { name: 'a' keep: SOURCE_ORDER } }"), "3:10",
             "add `source_order: …`, best first");
  CheckError(ErrorOfThird("golden { attributes { name: 'a' source_order: 'web' } }"), "3:33", "remove it");
  CheckError(
      ErrorOfThird("golden { attributes { name: 'a' keep: SOURCE_ORDER source_order: 'web' source_order: 'crm' } }"),
      "3:72", "the source `crm` is not declared");
  CheckError(ErrorOfThird("golden { others: SOURCE_ORDER }"), "3:10", "name the attributes instead");
}

// Ageing is arithmetic, and must come out as a number.
TEST_CASE("A half-life is finite, not negative, and for HIGHEST_TRUST", "[schema]") {
  for (const char* days : {"-1", "nan", "inf"}) {
    const std::string rule = "golden { attributes { name: 'a' keep: HIGHEST_TRUST half_life_days: ";
    CheckError(ErrorOfThird(rule + days + " } }"), "3:53", "0 (never ages) or more");
  }
  CheckError(ErrorOfThird("golden { attributes { name: 'a' half_life_days: 30 } }"), "3:33", "remove it");
}

// Two rules for one attribute would be two answers.
TEST_CASE("An attribute survives by one rule", "[schema]") {
  CheckError(ErrorOfThird("golden { attributes { name: 'a' }\n attributes { name: 'a' } }"), "4:15",
             "`a` has a rule already");
  CheckError(ErrorOfThird("golden { attributes { name: 'a' }\n groups { name: 'g' attributes: 'b' attributes: 'a' } }"),
             "4:37", "`a` has a rule already");
  CheckError(ErrorOfThird("golden { groups { name: 'g' attributes: 'a' }\n groups { name: 'h' attributes: 'a' } }"),
             "4:21", "`a` has a rule already");
  CheckError(ErrorOfThird("golden { attributes { keep: MIN } }"), "3:10", "add `name: …`");
}

// A list of places is no place.
TEST_CASE("A group has attributes and is taken whole", "[schema]") {
  CheckError(ErrorOfThird("golden { groups { name: 'g' } }"), "3:10", "add `attributes: …`");
  CheckError(ErrorOfThird("golden { groups { name: 'g' keep: ALL attributes: 'a' } }"), "3:29", "ALL does not fit");
}

// One run of the command shows all there is to mend.
TEST_CASE("All that is wrong is reported, a line each, in the order of the text", "[schema]") {
  const std::string errors = ErrorOfThird(
      "namespaces { name: 'email' }\nsources { name: 'x' trust: 2 events { } }\ngolden { others: SOURCE_ORDER }");
  CHECK(errors.find("s.textproto:3:14: ") == 0);
  CHECK(errors.find("\ns.textproto:4:21: ") != std::string::npos);
  CHECK(errors.find("\ns.textproto:5:10: ") != std::string::npos);
}

// A schema that is built in code has no positions, but the same rules.
TEST_CASE("Validate says what Parse says", "[schema]") {
  Schema schema = MustParse(kGood);
  CHECK(schema.Validate().ok());
  schema.sources[0].trust = std::numeric_limits<double>::quiet_NaN();
  CHECK(schema.Validate().code() == absl::StatusCode::kInvalidArgument);
  CHECK(schema.Validate().message() == "schema: sources[0].trust: trust is a number from 0 to 1");
}

// The text of a schema is how a database recognises it.
TEST_CASE("A schema's text reads back as the same text", "[schema][data]") {
  for (const char* name : {"linking", "shop"}) {
    const auto file = DataFileOrSkip(std::string("examples/") + name + ".textproto");
    if (!file) return;
    const std::string text = Schema::Load(file->string())->ToText();
    CHECK(MustParse(text).ToText() == text);
  }
}

// Comments, white space, the order of fields and of rules, and defaults written out mean nothing.
TEST_CASE("Schemas that mean the same have the same text", "[schema]") {
  const std::string terse =
      MustParse(
          "namespaces { name: 'id' } namespaces { name: 'email' normalize: EMAIL blocked: 'a@b.c' blocked: 'd@e.f' }\n"
          "identity { profile_id_key: '0123456789abcdef0123456789abcdef' }\n"
          "sources { name: 'crm' table { key: 'id' attributes { field: 'first' } } } sources { name: 'web' events { } "
          "}\n"
          "golden { attributes { name: 'a' keep: MIN } attributes { name: 'b' } }")
          .ToText();
  const std::string wordy =
      MustParse(
          "# The shop.\n"
          "golden { others: MOST_RECENT attributes { keep: MOST_RECENT name: \"b\" half_life_days: 0 },\n"
          "         attributes { keep: MIN name: \"a\" } }\n"
          "identity < on_conflict: KEEP_NEWEST max_identifiers: 0 profile_id_key: '0123456789ABCDEF0123456789ABCDEF' "
          ">\n"
          "sources { table { attributes { type: STRING name: 'first' field: 'first' } key: 'id' format: CSV "
          "updated_at: '' }\n"
          "          duplicate_free: false trust: 0.5 party: UNSPECIFIED name: 'crm' }\n"
          "namespaces { max_per_profile: 0 generic_above: 0 name: 'id' normalize: NONE }\n"
          "sources { name: 'web' events { format: NATIVE } }  # the site\n"
          "namespaces { blocked: ['d@e.f', 'a@b.c'] name: 'em' 'ail' normalize: EMAIL provider_rules: false }\n")
          .ToText();
  CHECK(terse == wordy);
}

// What changes the result changes the text.
TEST_CASE("Schemas that mean different things have different texts", "[schema]") {
  const std::string base = MustParse(kGood).ToText();
  std::set<std::string> texts = {base};
  for (const char* more :
       {"namespaces { name: 'id' }", "identity { on_conflict: KEEP_OLDEST }", "identity { max_identifiers: 1 }",
        "sources { name: 'b' events { } }", "golden { others: ALL }", "golden { attributes { name: 'a' } }",
        "golden { attributes { name: 'a' keep: HIGHEST_TRUST half_life_days: 1 } }",
        "golden { groups { name: 'a' attributes: 'x' attributes: 'y' } }",
        "golden { groups { name: 'a' attributes: 'y' attributes: 'x' } }"}) {
    CHECK(texts.insert(MustParse(std::string(kGood) + more).ToText()).second);
  }
  CHECK(MustParse("namespaces { name: 'a' } namespaces { name: 'b' }").ToText() !=
        MustParse("namespaces { name: 'b' } namespaces { name: 'a' }").ToText());
}

// Whatever bytes stand in a string or number, the text carries them.
TEST_CASE("A schema's text keeps every string and number", "[schema]") {
  CHECK(rc::check("Parse(ToText(schema)) has the same text", [](const std::vector<std::string>& blocked) {
    Schema schema = MustParse(kGood);
    schema.namespaces[0].blocked = blocked;
    schema.namespaces[0].max_per_profile = *rc::gen::arbitrary<uint32_t>();
    schema.sources[0].trust = *rc::gen::inRange(0, 1000001) / 1e6;
    const auto again = Schema::Parse(schema.ToText());
    RC_ASSERT(again.ok());
    RC_ASSERT(again->namespaces[0].max_per_profile == schema.namespaces[0].max_per_profile);
    RC_ASSERT(again->sources[0].trust == schema.sources[0].trust);
    RC_ASSERT(std::set(again->namespaces[0].blocked.begin(), again->namespaces[0].blocked.end()) ==
              std::set(blocked.begin(), blocked.end()));
    RC_ASSERT(again->ToText() == schema.ToText());
  }));
}

// A schema file is what people type: nothing that they type may bring the host down.
TEST_CASE("Parse never crashes on damaged text", "[schema]") {
  CHECK(rc::check("a text with some bytes replaced gives a schema or an error", [] {
    std::string text = std::string(kGood) + "golden {\n\tattributes { name: 'a' keep: MIN } }";
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
      text[*rc::gen::inRange<size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    }
    const auto schema = Schema::Parse(text.substr(0, *rc::gen::inRange<size_t>(0, text.size() + 1)));
    if (!schema.ok()) RC_ASSERT(std::string(schema.status().message()).starts_with("schema:"));
  }));
}

}  // namespace
}  // namespace kintsugi
