# Three Debian packages: liaison-common (the command line), liaison-station, liaison-hub (a daemon each, pages inside).
#   cmake --build build/release --target packages      build/release/packages/*.deb
#   cmake --build build/release --target stick         build/release/stick: a folder for a USB stick (common/package)
#   cmake --build build/release --target packages_test    both of them at work in a bare Debian 12 (tests/packages)
# Files of packaging lie in common/package, hub/package and station/package. The programs look for each other in their
# own folder, so all of them go into /usr/bin.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
  set(CMAKE_INSTALL_PREFIX /usr CACHE PATH "Where units and maintainer scripts expect the programs" FORCE)
endif()
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # packages need the programs, not the tests

find_program(GZIP gzip REQUIRED)
find_package(Git QUIET)
set(LIAISON_PACKAGING ${CMAKE_BINARY_DIR}/packaging)
set(LIAISON_MAINTAINER "liaison maintainers <liaison@users.noreply.github.com>")

# What stands in the changelogs of the packages: the day of the last commit, so that the same sources make the same files.
set(LIAISON_PACKAGE_DATE "")
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} log -1 --date=rfc2822 --format=%cd WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                  OUTPUT_VARIABLE LIAISON_PACKAGE_DATE OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT LIAISON_PACKAGE_DATE)
  string(TIMESTAMP LIAISON_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
endif()

# liaison_zipped(FILE TO): FILE with its @VARIABLES@ filled in, compressed as policy asks, as TO.
function(liaison_zipped file to)
  configure_file(${file} ${LIAISON_PACKAGING}/plain/${to} @ONLY)
  get_filename_component(folder ${LIAISON_PACKAGING}/${to} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND ${GZIP} -9nc ${LIAISON_PACKAGING}/plain/${to} OUTPUT_FILE ${LIAISON_PACKAGING}/${to}
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# liaison_package(COMPONENT TARGET SECTION): the program, its manual page, and what every package must bring.
function(liaison_package component target section)
  set(package liaison-${component})
  set(folder ${LIAISON_PACKAGING}/${package})
  set(sources ${CMAKE_SOURCE_DIR}/${component}/package)
  install(TARGETS ${target} RUNTIME DESTINATION bin COMPONENT ${component})
  liaison_zipped(${sources}/${target}.${section} ${package}/${target}.${section}.gz)
  install(FILES ${folder}/${target}.${section}.gz DESTINATION share/man/man${section} COMPONENT ${component})
  set(LIAISON_PACKAGE ${package})
  liaison_zipped(${CMAKE_SOURCE_DIR}/common/package/changelog.in ${package}/changelog.gz)
  install(FILES ${folder}/changelog.gz ${CMAKE_SOURCE_DIR}/common/package/copyright
          DESTINATION share/doc/${package} COMPONENT ${component})
endfunction()

# liaison_service_package(COMPONENT): the unit, its options, its user and folders, and the maintainer scripts, which
# are the same for both daemons: common/package/*.in with the words of COMPONENT/package/words.cmake.
function(liaison_service_package component)
  set(package liaison-${component})
  set(folder ${LIAISON_PACKAGING}/${package})
  set(sources ${CMAKE_SOURCE_DIR}/${component}/package)
  install(FILES ${sources}/${package}.service DESTINATION /lib/systemd/system COMPONENT ${component})
  install(FILES ${sources}/${package}.sysusers DESTINATION lib/sysusers.d RENAME ${package}.conf COMPONENT ${component})
  install(FILES ${sources}/${package}.tmpfiles DESTINATION lib/tmpfiles.d RENAME ${package}.conf COMPONENT ${component})
  install(FILES ${sources}/${package}.default DESTINATION /etc/default RENAME ${package} COMPONENT ${component})
  include(${sources}/words.cmake)  # LIAISON_NAMED, LIAISON_NEXT, LIAISON_MARK
  set(LIAISON_PACKAGE ${package})
  set(LIAISON_DATA /var/lib/liaison/${component})
  set(control)
  foreach(file preinst postinst prerm postrm config templates conffiles)
    configure_file(${CMAKE_SOURCE_DIR}/common/package/${file}.in ${folder}/control/${file} @ONLY)
    if(file MATCHES "^(templates|conffiles)$")
      file(CHMOD ${folder}/control/${file} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    else()
      file(CHMOD ${folder}/control/${file} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                       WORLD_READ WORLD_EXECUTE)
    endif()
    list(APPEND control ${folder}/control/${file})
  endforeach()
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${control}" PARENT_SCOPE)
endfunction()

liaison_package(common liaison 1)
liaison_zipped(${CMAKE_SOURCE_DIR}/CHANGELOG.md liaison-common/CHANGELOG.md.gz)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/docs/operating.md ${CMAKE_SOURCE_DIR}/docs/api.md
              ${CMAKE_BINARY_DIR}/api/reference.md ${LIAISON_PACKAGING}/liaison-common/CHANGELOG.md.gz
        DESTINATION share/doc/liaison-common COMPONENT common)
liaison_package(station liaison-station 8)
liaison_service_package(station)
liaison_package(hub liaison-hub 8)
liaison_service_package(hub)
install(DIRECTORY hub/fixture/ DESTINATION share/doc/liaison-hub/examples/roster COMPONENT hub FILES_MATCHING
        PATTERN "*.csv" PATTERN "ledger-*" EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME liaison)
set(CPACK_PACKAGE_VENDOR liaison)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_ALL common station hub)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                                                WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${LIAISON_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)  # dependencies from the libraries that are linked
set(CPACK_DEBIAN_PACKAGE_SECTION misc)
set(CPACK_DEBIAN_COMMON_PACKAGE_NAME liaison-common)
set(CPACK_DEBIAN_STATION_PACKAGE_NAME liaison-station)
set(CPACK_DEBIAN_HUB_PACKAGE_NAME liaison-hub)
# The command line and the daemons are one release: they speak to each other without versions in between.
set(services "liaison-common (= ${PROJECT_VERSION}), systemd (>= 247), debconf (>= 0.5) | debconf-2.0")
set(CPACK_DEBIAN_STATION_PACKAGE_DEPENDS "${services}")
set(CPACK_DEBIAN_HUB_PACKAGE_DEPENDS "${services}")
set(CPACK_DEBIAN_COMMON_PACKAGE_SUGGESTS "liaison-station, liaison-hub")
set(CPACK_COMPONENT_COMMON_DESCRIPTION
    "reception records of a township people's congress: command line
The command line of liaison, an offline-first record system for the liaison
stations of a township people's congress. It asks the daemon of a station or
of the township's hub on this machine, which are packages of their own.")
set(CPACK_COMPONENT_STATION_DESCRIPTION
    "reception records of a township people's congress: station
The daemon of a village's liaison station. Visits are registered on its page
with or without a network; what is new is delivered to the township's hub when
a link comes up, or by USB stick.")
set(CPACK_COMPONENT_HUB_DESCRIPTION
    "reception records of a township people's congress: hub
The daemon of the township. It takes what the liaison stations deliver, keeps
the casework and the congress's own work, and counts what the work report
says.")
include(CPack)

add_custom_target(packages COMMAND ${CMAKE_CPACK_COMMAND} -G DEB WORKING_DIRECTORY ${CMAKE_BINARY_DIR} USES_TERMINAL
                  COMMENT "Packing build/*/packages/*.deb")
add_dependencies(packages liaison liaison-station liaison-hub liaison_api_reference)
add_custom_target(stick COMMAND ${CMAKE_SOURCE_DIR}/common/package/stick.sh ${CMAKE_BINARY_DIR}/packages
                                ${CMAKE_BINARY_DIR}/stick USES_TERMINAL)
add_dependencies(stick packages)
add_custom_target(packages_test COMMAND ${CMAKE_SOURCE_DIR}/tests/packages/run.sh ${CMAKE_BINARY_DIR}/stick USES_TERMINAL)
add_dependencies(packages_test stick)
