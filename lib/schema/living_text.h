// What a schema says of what people do and who is like what, between its text and its structs.

#pragma once

#include "kintsugi/schema.h"
#include "schema/schema.pb.h"

namespace kintsugi::schema {

// Calendar, activities, traits, visits, retention, segments, commerce, loyalty and feed.
void ReadLiving(const SchemaText& text, Schema& out);
// Canonical: what means the same gives the same text, and what only spells out defaults gives none.
void FillLiving(const Schema& schema, SchemaText* out);

}  // namespace kintsugi::schema
