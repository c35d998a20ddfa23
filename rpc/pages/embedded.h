/* The files embedded.S makes part of the program. */
#ifndef RPC_PAGES_EMBEDDED_H
#define RPC_PAGES_EMBEDDED_H
#include <stdint.h>

extern const uint8_t embedded_status_html[], embedded_status_html_end[];
extern const uint8_t embedded_schemas_json[], embedded_schemas_json_end[];
#endif
