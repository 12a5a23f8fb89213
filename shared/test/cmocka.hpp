// cmocka for C++: its header wants these four before it, in this order, and
// two of its macros have names that the standard streams use.
#pragma once

extern "C" {
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
}

#undef fail
#undef skip
