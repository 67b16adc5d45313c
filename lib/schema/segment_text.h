// A segment, between its text and its struct.

#pragma once

#include <string>

#include "kintsugi/living.h"
#include "schema/schema.pb.h"

namespace kintsugi::schema {

// As the text writes it: "last_seen_days". Not of a group, which has no word of its own.
const std::string& NameOf(SegmentCondition::What what);

// Whether a condition on it compares: a profile is in a segment, or has an identifier, or not.
bool Compares(SegmentCondition::What what);

// Of a text that chooses twice or not at all (see choices.h) what is read is one of the choices, or any.
Segment SegmentOf(const SegmentText& text);

// Canonical: the order and repetition of conditions mean nothing. Groups are kept as they are, though: that a group of
// one is that one, and other laws of logic, are not looked at, for people want to find their text again.
void FillSegment(const Segment& segment, SegmentText* out);

}  // namespace kintsugi::schema
