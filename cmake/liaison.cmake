# One target a room: every .cc and .h of the folder this is called in, except main files.
#   liaison_library(NAME DEP...)   the library NAME, linked publicly to DEP
#   liaison_test(NAME DEP...)      a GoogleTest binary of every *_test.cc of the folder; a ctest entry NAME.Suite.Test for
#                                  each test, so that one that crashes takes no others along

include(GoogleTest)
include(embed)  # liaison_embed(TARGET FUNCTION DIR dir [DEPENDS stamp...])
set(LIAISON_WARNINGS -Wall -Wextra -Werror -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns of its own std::string (its bugs 105329, 105651), and no longer keeps that to itself when the library's
  # headers come out of a compiled prelude.
  list(APPEND LIAISON_WARNINGS -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict)
endif()

# Files of a room compiled together, so many at a time: their headers are read once. 0: each by itself, which is
# faster when one of them was edited.
set(LIAISON_UNITY 0 CACHE STRING "Sources of a library that are compiled as one")

function(liaison_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "main\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
    if(LIAISON_UNITY)
      set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${LIAISON_UNITY})
    endif()
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_compile_options(${name} PRIVATE ${LIAISON_WARNINGS})
    target_link_libraries(${name} PUBLIC ${ARGN})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ARGN})
  endif()
endfunction()

# The daemons live on small allocations of many threads: jemalloc takes a third of the time off glibc's and keeps less.
# Sanitizers bring an allocator of their own.
function(liaison_allocator target)
  if(NOT LIAISON_SANITIZE)
    target_link_libraries(${target} PRIVATE PkgConfig::jemalloc)
  endif()
endfunction()

function(liaison_test name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${LIAISON_WARNINGS} -Wno-dangling-else)  # GoogleTest's macros hide an else
  target_link_libraries(${name} PRIVATE ${ARGN} liaison_places gtest gmock gtest_main Threads::Threads)
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 900)
endfunction()

# What nearly every file includes, compiled once and reused by all targets (a third of the time of most files). Three
# sets: folders below the schema; the rest of the programs; the tests. Headers in <> only: paths of this checkout in a
# set would keep ccache from knowing it in another one. Off for sanitizers, so that one build proves that every file
# includes what it uses.
option(LIAISON_PRELUDE "Compile common headers once" ON)

function(liaison_prelude name)
  add_library(${name} STATIC ${CMAKE_SOURCE_DIR}/cmake/prelude.cc)
  target_compile_options(${name} PRIVATE ${LIAISON_WARNINGS} -fpch-preprocess)
  target_precompile_headers(${name} PRIVATE ${ARGN})
  set_target_properties(${name} PROPERTIES CXX_COMPILER_LAUNCHER "${CMAKE_SOURCE_DIR}/cmake/prelude.sh;${CMAKE_CXX_COMPILER_LAUNCHER}")
endfunction()

function(liaison_preludes)
  if(NOT LIAISON_PRELUDE OR LIAISON_SANITIZE)
    return()
  endif()
  file(STRINGS ${CMAKE_SOURCE_DIR}/cmake/prelude.txt lines REGEX "^<")
  set(schema)
  file(GLOB protos CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/proto ${CMAKE_SOURCE_DIR}/proto/liaison/v1/*.proto)
  foreach(proto ${protos})
    string(REPLACE ".proto" ".pb.h" header ${proto})
    list(APPEND schema "<${header}>")
  endforeach()
  liaison_prelude(liaison_prelude_plain ${lines})
  target_link_libraries(liaison_prelude_plain PRIVATE absl::status absl::statusor absl::strings absl::time)
  liaison_prelude(liaison_prelude_schema ${lines} ${schema})
  target_link_libraries(liaison_prelude_schema PRIVATE liaison_proto)
  liaison_prelude(liaison_prelude_tests ${lines} ${schema} "<gmock/gmock.h>" "<gtest/gtest.h>")
  target_link_libraries(liaison_prelude_tests PRIVATE liaison_proto gtest gmock)
  liaison_use_preludes(${CMAKE_SOURCE_DIR}/common schema)
  liaison_use_preludes(${CMAKE_SOURCE_DIR}/station schema)
  liaison_use_preludes(${CMAKE_SOURCE_DIR}/hub schema)
  liaison_use_preludes(${CMAKE_SOURCE_DIR}/tests tests)
endfunction()

function(liaison_use_preludes folder set)
  get_filename_component(name ${folder} NAME)
  if(set STREQUAL "schema" AND name MATCHES "^(base|causal|crypto|sync|http|sheets|paper)$")
    set(set plain)
  endif()
  get_directory_property(targets DIRECTORY ${folder} BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$")
      target_compile_options(${target} PRIVATE -fpch-preprocess)
      target_precompile_headers(${target} REUSE_FROM liaison_prelude_${set})
    endif()
  endforeach()
  get_directory_property(folders DIRECTORY ${folder} SUBDIRECTORIES)
  foreach(sub ${folders})
    liaison_use_preludes(${sub} ${set})
  endforeach()
endfunction()
