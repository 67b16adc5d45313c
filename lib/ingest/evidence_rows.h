// Evidence as Protobuf rows say it, and back.

#pragma once

#include <string>
#include <string_view>

#include "format/catalog.h"
#include "format/evidence_codec.h"
#include "format/stored.pb.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "kintsugi/event.h"

namespace kintsugi::ingest {

// A row of `messages`: where the event is.
stored::Message MessageOf(const Context& context, const PreparedEvent& event);
// Of a record that is an item: where that is.
std::string ItemKeyOf(const Context& context, const PreparedRecord& record);
// The identifiers of a row of `records`.
void SetIdentifiers(const Context& context, const PreparedRecord& record, stored::Record& row);

// A refused event or record as it came, in a row of `quarantine`.
void SetEvent(const Event& event, stored::Quarantined& row);
void SetRecord(const Record& record, stored::Quarantined& row);
// The same from content of kFields, whose values are taken over as they are. Namespaces have the catalog's names,
// declared or not.
void SetEvent(const format::Catalog& catalog, std::string_view id, Time time, const format::Fields& fields,
              stored::Quarantined& row);
void SetRecord(const format::Catalog& catalog, std::string_view key, Time version, const format::Fields& fields,
               stored::Quarantined& row);
// Of a row that has one.
Event EventOf(const std::string& source, const stored::Quarantined& row);
Record RecordOf(const std::string& source, const stored::Quarantined& row);

}  // namespace kintsugi::ingest
