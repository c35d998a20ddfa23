#include "rpc/qr.h"

#ifndef LEITHER_WITHOUT_QR
#include <errno.h>
#include <qrencode.h>

#define MARGIN 2              /* modules; the standard says 4, readers of screens take 2 */
#define COLOUR "\x1b[30;107m" /* black on bright white */
#define RESET  "\x1b[0m"

static bool is_dark(const QRcode *code, int row, int column)
{
    bool is_inside = row >= 0 && row < code->width && column >= 0 && column < code->width;
    return is_inside && (code->data[row * code->width + column] & 1) != 0;
}

bool qr_draw(const char *text, struct buffer *out, struct error *error)
{
    static const char *const halves[] = {" ", "\u2584", "\u2580", "\u2588"};
    if (strlen(text) > QR_TEXT_MAX)
        return error_set(error, ERROR_INVALID, "a text of %zu bytes is too long for a QR code",
                         strlen(text));
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (code == NULL)
        return error_set_errno(error, "no QR code could be made");
    for (int row = -MARGIN; row < code->width + MARGIN; row += 2) {
        buffer_append_text(out, COLOUR);
        for (int column = -MARGIN; column < code->width + MARGIN; column++)
            buffer_append_text(
                out, halves[2 * is_dark(code, row, column) + is_dark(code, row + 1, column)]);
        buffer_append_text(out, RESET "\n");
    }
    QRcode_free(code);
    return true;
}
#else
bool qr_draw(const char *text, struct buffer *out, struct error *error)
{
    (void)text;
    (void)out;
    return error_set(error, ERROR_UNSUPPORTED,
                     "this program was built without QR codes (Debian has no archive of "
                     "libqrencode for static builds)");
}
#endif
