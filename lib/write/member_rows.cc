#include "write/member_rows.h"

#include <algorithm>
#include <iterator>

#include "format/family.h"
#include "format/keys.h"
#include "golden/record_codec.h"

namespace kintsugi::write {

using format::Family;

absl::Status MemberRows::OnRecord(const ProfileId& id, std::string_view before, std::string_view now,
                                  graph::RowSink& sink) {
  const std::vector<uint32_t> was = golden::RecordView(before).segments();
  const std::vector<uint32_t> is = golden::RecordView(now).segments();
  if (was == is) return absl::OkStatus();
  growth_.resize(
      std::max({growth_.size(), size_t{was.empty() ? 0 : was.back() + 1}, size_t{is.empty() ? 0 : is.back() + 1}}));
  std::vector<uint32_t> left;
  std::set_difference(was.begin(), was.end(), is.begin(), is.end(), std::back_inserter(left));
  for (const uint32_t segment : left) {
    sink.Delete(Family::kMembers, format::MemberKey(segment, id));
    --growth_[segment];
  }
  std::vector<uint32_t> entered;
  std::set_difference(is.begin(), is.end(), was.begin(), was.end(), std::back_inserter(entered));
  for (const uint32_t segment : entered) {
    sink.Put(Family::kMembers, format::MemberKey(segment, id), {});
    ++growth_[segment];
  }
  return absl::OkStatus();
}

void MemberRows::AddTo(stored::Counters& counters) const {
  auto& members = *counters.mutable_members();
  while (members.size() < static_cast<int>(growth_.size())) members.Add(0);
  for (size_t i = 0; i < growth_.size(); ++i) {
    const int at = static_cast<int>(i);
    members.Set(at, members.Get(at) + static_cast<uint64_t>(growth_[i]));
  }
}

}  // namespace kintsugi::write
