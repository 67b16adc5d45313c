// What a group changes for those who look up is marked, and nothing else is: people who join, part, move and go.

#include "write/cache_marks.h"

#include <string>
#include <vector>

#include "ingest/assertion.h"
#include "unit/engine/support.h"
#include "unit/write/marks.h"
#include "write/apply.h"

namespace kintsugi::testing {
namespace {

// A database of which each group is applied by hand.
class Groups {
 public:
  Groups() : store_(*store::Store::Open({.schema = Shop()}, directory_ / "db", format::kFormat)) {}

  // Returns how many rows were marked.
  size_t Apply(std::vector<write::Item> items) {
    write::Applier applier(*context_, *store_, counters_);
    std::vector<write::Verdict> verdicts;
    std::vector<std::string> reasons;
    REQUIRE(applier.Apply(items, verdicts, reasons).ok());
    for (const write::Verdict verdict : verdicts) CHECK(verdict == write::Verdict::kAccepted);
    store::Batch batch = store_->NewBatch();
    const auto counters = applier.Finish(batch, At(0));
    REQUIRE(counters.ok());
    counters_ = *counters;
    CheckMarks(applier.cache_marks(), batch);
    REQUIRE(store_->Write(batch, Durability::kLosesOnMachineCrash).ok());
    return applier.cache_marks().identifiers().size() + applier.cache_marks().profiles().size();
  }

  size_t Take(const Event& event) {
    write::Item item{.source = *context_->EventSourceOf(event.source)};
    item.evidence = std::get<ingest::PreparedEvent>(preparer_.Prepare(item.source, event));
    return Apply({item});
  }
  size_t Take(const Record& record) {
    write::Item item{.source = *context_->RecordSourceOf(record.source)};
    item.evidence = std::get<ingest::PreparedRecord>(preparer_.Prepare(item.source, record));
    return Apply({item});
  }
  size_t Withdraw(const std::string& source, write::Withdrawal::Kind kind, const std::string& name,
                  bool forget = false) {
    return Apply({{.source = *context_->SourceOf(source),
                   .evidence = write::Withdrawal{.kind = kind, .name = name, .forget = forget}}});
  }
  size_t Assert(const Assertion& assertion) {
    return Apply({{.evidence = *ingest::PrepareAssertion(*context_, assertion)}});
  }
  size_t Retract(const std::string& id) { return Apply({{.evidence = ingest::PreparedRetraction{.id = id}}}); }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<const ingest::Context> context_ = *ingest::Context::Create(Shop(), {});
  const ingest::Preparer preparer_{*context_};
  std::unique_ptr<store::Store> store_;
  stored::Counters counters_;
};

const Identifier kAnn{"customer_id", "ann"};
const Identifier kBob{"customer_id", "bob"};
const Identifier kMail{"email", "a@example.com"};
const Identifier kPhone{"device", "phone"};

using Kind = write::Withdrawal::Kind;

}  // namespace

TEST_CASE("what a group changes for those who look up is marked, whatever becomes of people", "[cache_marks]") {
  Groups groups;
  CHECK(groups.Take(Seen("one", {kAnn, kMail}, 5)) == 3);
  CHECK(groups.Take(Seen("two", {kPhone}, 6)) == 2);
  // Joined: the phone has another profile, and its own is gone.
  CHECK(groups.Take(Seen("both", {kMail, kPhone}, 7)) == 3);
  // Another anchor, and so another id: everybody's.
  CHECK(groups.Take(Seen("early", {kPhone}, 1)) == 5);
  // In conflict: bob uses the mailbox last.
  CHECK(groups.Take(Seen("bob", {kBob, kMail}, 9)) > 0);
  CHECK(groups.Take(Row("r-1", {kAnn}, 3, {{"first_name", Value("Ann")}})) > 0);
  CHECK(groups.Take(Row("r-1", {kBob}, 4)) > 0);
  CHECK(groups.Assert(
            {.id = "never", .kind = Assertion::Kind::kNever, .a = kBob, .b = kPhone, .by = "jane", .because = "."}) >
        0);
  CHECK(groups.Retract("never") > 0);
  // Parted, and gone.
  CHECK(groups.Withdraw("app", Kind::kEvent, "both") > 0);
  CHECK(groups.Withdraw("crm", Kind::kRecord, "r-1") > 0);
  CHECK(groups.Withdraw("app", Kind::kEvent, "bob", true) > 0);
  CHECK(groups.Withdraw("app", Kind::kEvent, "one") > 0);
}

TEST_CASE("what changes nobody's profile marks nothing", "[cache_marks]") {
  Groups groups;
  CHECK(groups.Take(Seen("one", {kAnn, kMail}, 5)) == 3);
  CHECK(groups.Assert({.kind = Assertion::Kind::kNever, .a = kBob, .b = kPhone, .by = "jane", .because = "."}) == 0);
}

}  // namespace kintsugi::testing
