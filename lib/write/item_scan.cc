#include "write/item_scan.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "format/evidence_codec.h"
#include "format/keys.h"
#include "living/commerce.h"
#include "living/item_rows.h"

namespace kintsugi::write {

using format::Family;

Time ItemScan::EndOf(const living::Item& item) const {
  return item.is_event ? rules_.retention.EndOf(item.name, item.time).value_or(kNeverFirst) : kNeverFirst;
}

absl::Status ItemScan::Read(Family family, std::string_view key, std::string_view row, const Visit& visit) const {
  living::Item item;
  if (auto read = living::ReadItem(preparer_, family, key, row, item); !read.ok()) return read;
  const Time end = EndOf(item);
  return end > now_ ? visit(std::move(item), end) : absl::OkStatus();
}

absl::Status ItemScan::ForEachRow(const std::string& key, Time begin, const VisitRow& visit) const {
  std::string from = key;
  if (begin != kNeverLast) format::Encoder(from).SortableTime(begin);
  for (const Family family : living::kItemFamilies) {
    const auto status = rows_.ScanFrom(family, key, from, [&](std::string_view at, std::string_view row) {
      return Read(family, at, row,
                  [&](living::Item item, Time end) { return visit(family, at, row, std::move(item), end); });
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ItemScan::ForEach(const std::string& key, Time begin, const Visit& visit) const {
  return ForEachRow(key, begin, [&](Family, std::string_view, std::string_view, living::Item item, Time end) {
    return visit(std::move(item), end);
  });
}

// ---- the items of one identifier and family, the latest first, those that retention has left among them

class ItemScan::Backwards {
 public:
  // Those up to a time. The references outlive it.
  Backwards(const ItemScan& scan, Family family, const std::string& key, Time from)
      : scan_(scan), family_(family), key_(key), end_(key) {
    format::Encoder(end_).SortableTime(from + Time::duration(1));
  }

  // The latest that was not taken; null: there is none.
  absl::StatusOr<const living::Item*> Next() {
    if (read_.empty() && !is_done_) {
      if (auto status = Read(); !status.ok()) return status;
    }
    return read_.empty() ? nullptr : &read_.back();
  }
  // After Next() gave one.
  living::Item Take() {
    living::Item item = std::move(read_.back());
    read_.pop_back();
    return item;
  }

 private:
  // Few at first, then more at a time: a visit is mostly short, and of most identifiers nothing is in it.
  absl::Status Read() {
    some_ = std::min<size_t>(some_ * 2, 64);
    const std::string end = end_;
    const auto status = scan_.rows_.ScanBack(family_, key_, end, [&](std::string_view at, std::string_view row) {
      end_ = std::string(at);
      living::Item item;
      if (auto read = living::ReadItem(scan_.preparer_, family_, at, row, item); !read.ok()) return VisitResult(read);
      read_.push_back(std::move(item));
      return VisitResult(read_.size() < some_);
    });
    if (!status.ok()) return status;
    is_done_ = read_.size() < some_;
    std::reverse(read_.begin(), read_.end());
    return absl::OkStatus();
  }

  const ItemScan& scan_;
  const Family family_;
  const std::string& key_;
  std::string end_;                 // all from here on were read
  std::vector<living::Item> read_;  // the latest last
  size_t some_ = 1;                 // so many were read at a time
  bool is_done_ = false;
};

absl::StatusOr<std::vector<living::Item>> ItemScan::VisitUpTo(std::span<const std::string> keys,
                                                              const living::Place& item) const {
  std::vector<Backwards> all;
  for (const std::string& key : keys) {
    for (const Family family : living::kItemFamilies) all.emplace_back(*this, family, key, item.time);
  }
  std::vector<living::Item> visit;
  for (Time before = item.time;;) {
    Backwards* latest = nullptr;
    Time time = kNeverLast;
    for (Backwards& one : all) {
      const auto next = one.Next();
      if (!next.ok()) return next.status();
      if (*next == nullptr || (latest != nullptr && (*next)->time <= time)) continue;
      latest = &one;
      time = (*next)->time;
    }
    if (latest == nullptr || before - time > rules_.visits.gap()) break;
    // Of one time all are read: which of them are the last is told by more than the key.
    if (visit.size() >= living::kMostPathItems && time < before) break;
    living::Item one = latest->Take();
    if (!rules_.visits.Counts(one.source) || living::PlaceOf(one) > item || EndOf(one) <= now_) continue;
    before = time;
    visit.push_back(std::move(one));
  }
  std::sort(visit.begin(), visit.end(), living::IsEarlier);
  return visit;
}

}  // namespace kintsugi::write
