/* Files that are part of the program, byte for byte; paths come from CMake. */
    .section .rodata
    .balign 16
    .globl embedded_status_html, embedded_status_html_end
embedded_status_html:
    .incbin STATUS_HTML
embedded_status_html_end:
    .globl embedded_schemas_json, embedded_schemas_json_end
embedded_schemas_json:
    .incbin SCHEMAS_JSON
embedded_schemas_json_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
