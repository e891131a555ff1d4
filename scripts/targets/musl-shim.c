// Node's binary for glibc on musl's loader and C library: what glibc has and musl does not, as far as
// Node and libstdc++ ask for it. It has the name of glibc's loader, which they ask for. Only Node needs it:
// wsfd.node asks for nothing that musl lacks (scripts/targets/check-binary.mjs).
#define _GNU_SOURCE
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

void *__libc_stack_end = NULL;
unsigned __cpu_model[8] = {0};
int __cpu_indicator_init(void) { return 0; }
const char *gnu_get_libc_version(void) { return "musl"; }

int fcntl64(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  return fcntl(fd, command, argument);
}

int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso) {
  return pthread_atfork(prepare, parent, child);
}

// Objects of a thread are not destroyed when it ends.
int __cxa_thread_atexit_impl(void (*destroy)(void *), void *object, void *dso) { return 0; }

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time,
                    locale_t locale) {
  return strftime_l(text, size, format, time, locale);
}

// std::ctype<char>: libstdc++ for glibc looks into glibc's locale_t.
static char lower(char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
static char upper(char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }
char _ZNKSt5ctypeIcE10do_tolowerEc(const void *facet, char c) { return lower(c); }
char _ZNKSt5ctypeIcE10do_toupperEc(const void *facet, char c) { return upper(c); }
const char *_ZNKSt5ctypeIcE10do_tolowerEPcPKc(const void *facet, char *at, const char *end) {
  for (; at < end; at++) *at = lower(*at);
  return end;
}
const char *_ZNKSt5ctypeIcE10do_toupperEPcPKc(const void *facet, char *at, const char *end) {
  for (; at < end; at++) *at = upper(*at);
  return end;
}

// OpenSSL's asynchronous jobs and Node's stack traces of C++, which nothing here asks for.
int getcontext(void *context) { return -1; }
int setcontext(const void *context) { return -1; }
void makecontext(void *context, void (*function)(void), int count, ...) { abort(); }
int backtrace(void **buffer, int size) { return 0; }
char **backtrace_symbols(void *const *buffer, int size) { return NULL; }
