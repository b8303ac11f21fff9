# The Debian package: `./go deb` makes it with CPack.

include(GNUInstallDirs)
install(TARGETS lares lares-deliver RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# The manual pages are printed from the rows.
set(pages "")
foreach(name IN ITEMS lares supervisord supervisorctl)
    set(page ${CMAKE_BINARY_DIR}/man/${name}.1)
    add_custom_command(OUTPUT ${page} COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
        COMMAND lares manual ${name} > ${page} DEPENDS lares)
    list(APPEND pages ${page})
endforeach()
add_custom_target(manual_pages DEPENDS ${pages})
install(FILES ${CMAKE_BINARY_DIR}/man/lares.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES README.md CHANGELOG.md SECURITY.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/manual DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN var EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lares)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The maintainers of Lares <maintainers@lares.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keeps a server's unattended work going; a drop-in for supervisord")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "tzdata")
# Both are loaded by name: for the prompt, and where a certificate is configured.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libedit2, libssl3")
include(CPack)
