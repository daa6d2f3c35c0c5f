// Debian's libc++abi for WebAssembly throws nothing. Here what would be thrown is told to the page,
// and the instance ends: nothing on the way from the page to the solvers catches.

#include <cstdlib>
#include <exception>
#include <typeinfo>

extern "C" {

__attribute__((import_module("page"), import_name("refuse"))) void page_refuse(const char* message);

void* __cxa_allocate_exception(std::size_t size) { return std::malloc(size); }

// All errors of the library and of the standard library begin with their std::exception.
[[noreturn]] void __cxa_throw(void* thrown, std::type_info*, void (*)(void*)) {
  page_refuse(static_cast<const std::exception*>(thrown)->what());
  __builtin_trap();
}
}
