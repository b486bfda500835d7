# One target per folder: every .cc and .h of the folder this is called in, except main files.
#   liaison_library(NAME DEP...)   the library NAME, linked publicly to DEP
#   liaison_test(NAME DEP...)      a GoogleTest binary of every *_test.cc of the folder, one ctest entry per binary

include(embed)  # liaison_embed(TARGET FUNCTION DIR dir [DEPENDS stamp...])
set(LIAISON_WARNINGS -Wall -Wextra -Werror -Wno-missing-field-initializers)

function(liaison_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "main\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
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
  target_compile_definitions(${name} PRIVATE LIAISON_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LIAISON_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE ${ARGN} gtest gmock gtest_main Threads::Threads)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900)
endfunction()
