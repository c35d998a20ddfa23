#include "rpc/pages/pages.h"

#include "rpc/pages/embedded.h"
#include "vm/crypto/digest.h"
#include <assert.h>
#include <openssl/evp.h>

struct bytes pages_status(void)
{
    return bytes_of(embedded_status_html,
                    (size_t)(embedded_status_html_end - embedded_status_html));
}

/* What stands between `open` and `close`, as a CSP hash source. */
static void write_source(struct buffer *out, const char *open, const char *close)
{
    struct bytes page = pages_status();
    const uint8_t *start = memmem(page.data, page.size, open, strlen(open));
    assert(start != NULL);
    start += strlen(open);
    const uint8_t *end =
        memmem(start, (size_t)(page.data + page.size - start), close, strlen(close));
    assert(end != NULL);
    hash256 hash = sha256(bytes_of(start, (size_t)(end - start)));
    unsigned char text[45]; /* base64 of 32 bytes and a final zero */
    EVP_EncodeBlock(text, hash.bytes, sizeof hash.bytes);
    buffer_append_format(out, "'sha256-%s'", (const char *)text);
}

void pages_write_status_headers(struct buffer *out)
{
    buffer_append_text(out, "Content-Security-Policy: default-src 'none'; script-src ");
    write_source(out, "<script>", "</script>");
    buffer_append_text(out, "; style-src ");
    write_source(out, "<style>", "</style>");
    buffer_append_text(out, "; connect-src 'self'; img-src data:; base-uri 'none'; form-action "
                            "'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n");
}
