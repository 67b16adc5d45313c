// What a shared library offers to its host; everything else in it is hidden.

#pragma once

#if defined(__GNUC__)
#define KINTSUGI_EXPORT __attribute__((visibility("default")))
#else
#define KINTSUGI_EXPORT
#endif
