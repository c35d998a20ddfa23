/* The words, one a line, as a part of the program; the path comes from CMake. */
    .section .rodata
    .balign 16
    .globl words_english, words_english_end
words_english:
    .incbin WORDS_ENGLISH
words_english_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
