/* web/embed.S: the page's files as bytes in the binary, between two symbols each. What they are is
   src/control/page_files.cc's; where they come from, web/build's. */

    .section .rodata
    .macro embed name, file
    .global lares_page_\name
    .global lares_page_\name\()_end
    .balign 16
lares_page_\name:
    .incbin "\file"
lares_page_\name\()_end:
    .byte 0
    .endm

    embed index, "index.html"
    embed index_gzip, "index.html.gz"
    embed script, "app.js"
    embed script_gzip, "app.js.gz"
    embed style, "app.css"
    embed style_gzip, "app.css.gz"

    .section .note.GNU-stack, "", %progbits
