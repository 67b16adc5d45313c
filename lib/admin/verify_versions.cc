#include "admin/verify_versions.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "format/version_rows.h"

namespace kintsugi::admin {
namespace {

using format::Family;

class VersionVerifier {
 public:
  VersionVerifier(const ingest::Context& context, std::vector<std::string>& differences)
      : context_(context), differences_(differences) {}

  void Take(std::string_view key, std::string_view bytes) {
    golden::SourceIndex source = 0;
    if (!context_.catalog.FindSource(format::Decoder(key).Big16(), source)) {
      found_.emplace(key);
      return;
    }
    if (bytes.empty()) return;  // nothing but its time is known
    format::NodeKey record;
    Time time = kNeverLast;
    stored::Record version;
    if (!format::ParseVersionKey(key, record, time) || !format::DecodeVersion(bytes, time, version)) return;
    format::ForEachVersionThatSays(version, record.number, record.value, time,
                                   [&](std::string row) { expected_.insert(std::move(row)); });
  }

  void Compare() {
    for (const std::string& key : expected_) {
      if (!found_.contains(key)) Report(key, "is missing");
    }
    for (const std::string& key : found_) {
      if (!expected_.contains(key)) Report(key, "should not be there");
    }
  }

 private:
  void Report(std::string_view key, std::string_view what) {
    format::Decoder d(key);
    const format::NodeKey identifier = format::DecodeNode(d);
    format::NodeKey record;
    Time time = kNeverLast;
    const bool is_whole = d.ok() && format::ParseVersionKey(d.rest(), record, time);
    const std::string row = is_whole ? fmt::format("that {} was in {} as of {}", NameOf(identifier), NameOf(record),
                                                   IsKnown(time) ? FormatTime(time) : "no time")
                                     : "a row of another kind";
    differences_.push_back(fmt::format("{}: {} {}", format::NameOf(Family::kVersions), row, what));
  }

  std::string NameOf(format::NodeKey node) const {
    const auto& names = context_.catalog.names();
    return IdentifierView{node.number < names.size() ? names[node.number] : "?", node.value}.ToString();
  }

  const ingest::Context& context_;
  std::vector<std::string>& differences_;
  std::set<std::string> expected_;
  std::set<std::string> found_;
};

}  // namespace

absl::Status VerifyVersions(const ingest::Context& context, const store::Store& store,
                            std::vector<std::string>& differences) {
  VersionVerifier verifier(context, differences);
  const auto status = store.Scan(Family::kVersions, "", [&](std::string_view key, std::string_view bytes) {
    verifier.Take(key, bytes);
    return true;
  });
  if (!status.ok()) return status;
  verifier.Compare();
  return absl::OkStatus();
}

}  // namespace kintsugi::admin
