// What a schema says of items and of what is computed from them, made ready.

#pragma once

#include <cstdint>
#include <vector>

#include "ingest/context.h"
#include "living/feed.h"
#include "living/retention.h"
#include "living/segment_rules.h"
#include "living/trait_rules.h"
#include "living/visit_rules.h"

namespace kintsugi::living {

// Immutable and safe from many threads.
struct Rules {
  explicit Rules(const ingest::Context& context)
      : traits(context.schema),
        segments(context.schema, NamespaceNumbersOf(context)),
        visits(context.schema),
        retention(context.schema),
        feed(context.schema, traits) {}

  TraitRules traits;
  SegmentRules segments;
  VisitRules visits;
  RetentionRules retention;
  FeedRules feed;

 private:
  static std::vector<uint16_t> NamespaceNumbersOf(const ingest::Context& context) {
    std::vector<uint16_t> numbers;
    for (uint16_t i = 0; i < context.schema.namespaces.size(); ++i) numbers.push_back(context.catalog.number(i));
    return numbers;
  }
};

}  // namespace kintsugi::living
