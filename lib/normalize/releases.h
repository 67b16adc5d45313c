// The releases of the libraries that normalise: another one may give another identifier for the same text.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "kintsugi/schema.h"

namespace kintsugi::normalize {

// What the namespaces' rules depend on, by the library's name. Cost: some 25 ms, once a process, if there are
// telephone numbers: libphonenumber reads its data.
std::map<std::string, std::string> ReleasesFor(const std::vector<Namespace>& namespaces);

}  // namespace kintsugi::normalize
