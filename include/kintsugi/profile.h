// A golden record, as a host program reads it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "kintsugi/export.h"
#include "kintsugi/ids.h"
#include "kintsugi/schema.h"
#include "kintsugi/value.h"

namespace kintsugi {

namespace golden {
struct Names;
class SharedProfile;
}  // namespace golden

// One surviving value and where it comes from.
struct Attribute {
  std::string_view name;
  ValueView value;  // a JsonView of an array for Keep::kAll
  std::string_view source;
  std::optional<Time> observed_at;  // nothing if the source has no times
  Keep rule;
};

// ProfileView reads one golden record in place. It owns nothing: the bytes are a Profile's, or those of the row that
// is being visited. Reading an attribute decodes that attribute only; attribute() and the times allocate nothing.
// Safe to read from many threads.
class KINTSUGI_EXPORT ProfileView {
 public:
  ProfileView(const ProfileId& id, std::string_view bytes, const golden::Names& names)
      : id_(id), bytes_(bytes), names_(&names) {}

  const ProfileId& id() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return id_; }
  // Over all identifiers; nothing if no evidence has a time.
  std::optional<Time> first_seen() const;
  std::optional<Time> last_seen() const;

  // The value that survived for this attribute; nothing if there is none. Its views live as long as the bytes.
  // Cost: a byte per attribute is looked at, then the attribute itself.
  std::optional<Attribute> attribute(std::string_view name) const;
  // All of them, by name.
  std::vector<Attribute> attributes() const;

  // What was computed from the profile's items, as of the database's `now`; nothing if that is absent, or the schema
  // has no such trait. Its views live as long as the bytes. Cost: a byte for each of the schema's traits is looked at.
  std::optional<ValueView> trait(std::string_view name) const;
  // Those that are there, in the schema's order.
  std::vector<std::pair<std::string_view, ValueView>> traits() const;

  // Whether the profile is a member of the segment, as of the database's `now`; false if the schema has none of that
  // name. Cost: a byte for each of the schema's segments is looked at; nothing is allocated.
  bool in(std::string_view segment) const;
  // Those that it is in, in the schema's order.
  std::vector<std::string_view> segments() const;

  // All identifiers, in schema order, then by bytes; the records come last, as source and key.
  // Their views live as long as the bytes.
  std::vector<IdentifierView> identifiers() const;
  size_t identifier_count() const;

  // One line of JSON, as `kintsugi get` prints it (docs/cli.md). The same evidence gives the same bytes.
  std::string ToJson() const;

 private:
  friend class Profile;
  ProfileId id_;
  std::string_view bytes_;
  const golden::Names* names_;
};

// Profile is one golden record as it was when it was looked up; it never changes. Copies share one piece of memory,
// which lives until the last of them is gone, also after the engine; so do the views that were read from it. A view
// that is read off a temporary is gone with it: `engine->Lookup(…)->attribute("x")->value` is good until the semicolon,
// so keep the Profile to keep the views. (Compilers that know lifetimes warn; view() of a temporary does not compile.)
// Copying and destroying cost an atomic increment, moving nothing. Different copies may be used by different threads.
class KINTSUGI_EXPORT Profile {
 public:
  // A copy of `view`, with memory of its own.
  explicit Profile(const ProfileView& view);
  // Takes over a reference that this thread took.
  explicit Profile(const golden::SharedProfile* shared);

  Profile(const Profile& other) : view_(other.view_), shared_(other.shared_), stripe_(other.stripe_) { Share(); }
  // What was moved from reads as an empty record.
  Profile(Profile&& other) noexcept
      : view_(other.view_), shared_(std::exchange(other.shared_, nullptr)), stripe_(other.stripe_) {
    other.view_.bytes_ = {};
  }
  Profile& operator=(Profile other) noexcept {
    view_ = other.view_;
    std::swap(shared_, other.shared_);
    std::swap(stripe_, other.stripe_);
    return *this;
  }
  ~Profile() {
    if (shared_ != nullptr) Release();
  }

  // For what reads views; it lives as long as a copy of this does.
  const ProfileView& view() const& ABSL_ATTRIBUTE_LIFETIME_BOUND { return view_; }
  const ProfileView& view() const&& = delete;

  // What ProfileView reads.
  const ProfileId& id() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return view_.id(); }
  std::optional<Time> first_seen() const { return view_.first_seen(); }
  std::optional<Time> last_seen() const { return view_.last_seen(); }
  std::optional<Attribute> attribute(std::string_view name) const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return view_.attribute(name);
  }
  std::vector<Attribute> attributes() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return view_.attributes(); }
  std::optional<ValueView> trait(std::string_view name) const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return view_.trait(name);
  }
  std::vector<std::pair<std::string_view, ValueView>> traits() const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return view_.traits();
  }
  bool in(std::string_view segment) const { return view_.in(segment); }
  std::vector<std::string_view> segments() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return view_.segments(); }
  std::vector<IdentifierView> identifiers() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return view_.identifiers(); }
  size_t identifier_count() const { return view_.identifier_count(); }
  std::string ToJson() const { return view_.ToJson(); }

  // The library's own business.
  const golden::SharedProfile& shared() const { return *shared_; }

 private:
  void Share() const;
  void Release() const;

  ProfileView view_;
  const golden::SharedProfile* shared_;
  uint32_t stripe_;  // of its reference count
};

}  // namespace kintsugi
