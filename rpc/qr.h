/* QR codes in the terminal: two rows of modules a line, in half blocks. */
#ifndef RPC_QR_H
#define RPC_QR_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

#define QR_TEXT_MAX 512

/* Appends the picture: dark on light whatever the terminal's colours are, with the margin that
 * readers need. ERROR_UNSUPPORTED in a fully static build, whose Debian has no such archive. */
bool qr_draw(const char *text, struct buffer *out, struct error *error)
    __attribute__((warn_unused_result));
#endif
