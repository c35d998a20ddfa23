#include "rpc/pages/pages.h"

#include "rpc/pages/embedded.h"

struct bytes pages_status(void)
{
    return bytes_of(embedded_status_html,
                    (size_t)(embedded_status_html_end - embedded_status_html));
}
