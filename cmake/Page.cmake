# The page: web/build makes its files, web/embed.S takes them into the binary. It is asked at every
# build, as the version is; what did not change keeps its time.

enable_language(ASM)
set(page_folder ${CMAKE_BINARY_DIR}/page)
set(page_files "")
foreach(name IN ITEMS index.html app.js app.css)
    list(APPEND page_files ${page_folder}/${name} ${page_folder}/${name}.gz)
endforeach()
add_custom_target(lares_page
    COMMAND sh ${CMAKE_SOURCE_DIR}/web/build ${page_folder}
    BYPRODUCTS ${page_files})
add_library(page_bytes STATIC ${CMAKE_SOURCE_DIR}/web/embed.S)
add_dependencies(page_bytes lares_page)
set_source_files_properties(${CMAKE_SOURCE_DIR}/web/embed.S PROPERTIES
    COMPILE_OPTIONS "-Wa,-I${page_folder}" OBJECT_DEPENDS "${page_files}")
