// Evidence that another schema refuses, as a row of `quarantine`.

#pragma once

#include <string_view>

#include "format/stored.pb.h"
#include "graph/graph.h"
#include "ingest/context.h"

namespace kintsugi::write {

// Makes a row of `records` a refused row, without a reason; one that was kept whole is as if it came again. What is
// known of the record's other versions stays in `records` and `versions`, for when it comes back. `context` is of the
// schema that it was stored under. False if the row is damaged.
bool RefuseRecord(const ingest::Context& context, std::string_view key, std::string_view bytes,
                  stored::Quarantined& out, graph::RowSink& rows);

// The same for a row of `events`.
bool RefuseEvent(const ingest::Context& context, std::string_view key, std::string_view bytes,
                 stored::Quarantined& out);

}  // namespace kintsugi::write
