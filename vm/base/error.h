/* The world failed: disk, socket, configuration, damaged data.
 *
 * A function that can fail this way returns bool and fills its last argument with a code and
 * one sentence: what was wrong, what was expected. `return error_set(error, ...)` returns
 * false. Callers add context in front with error_prefix(); only the one who handles it logs. */
#ifndef VM_BASE_ERROR_H
#define VM_BASE_ERROR_H
#include <stdbool.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_IO,      /* the operating system refused */
    ERROR_CORRUPT, /* stored data contradicts itself */
    ERROR_VERSION, /* stored by a newer program */
    ERROR_INVALID, /* input that breaks its format or rules */
    ERROR_NOT_FOUND,
    ERROR_EXISTS,
    ERROR_BUSY, /* taken, locked or full: try later */
    ERROR_DENIED,
    ERROR_DISK_FULL,
    ERROR_UNSUPPORTED, /* known, but not in this version */
};

#define ERROR_TEXT_SIZE 384

struct error {
    enum error_code code;
    char text[ERROR_TEXT_SIZE]; /* one sentence, cut to fit */
};

/* Always returns false. */
bool error_set(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As error_set() with ": " and strerror(errno) behind; ENOSPC and EDQUOT become
 * ERROR_DISK_FULL, ENOENT ERROR_NOT_FOUND, EEXIST ERROR_EXISTS, EACCES and EPERM
 * ERROR_DENIED, anything else ERROR_IO. */
bool error_set_errno(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts "context: " before the text; always returns false. */
bool error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* So that compilers and analyzers see what they return. */
#define ERROR_FALSE(call) \
    ({                    \
        (void)(call);     \
        false;            \
    })
#define error_set(...)       ERROR_FALSE(error_set(__VA_ARGS__))
#define error_set_errno(...) ERROR_FALSE(error_set_errno(__VA_ARGS__))
#define error_prefix(...)    ERROR_FALSE(error_prefix(__VA_ARGS__))
#endif
