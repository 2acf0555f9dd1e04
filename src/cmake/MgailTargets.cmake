# mg_library(NAME SOURCES ... [DEPENDS mg_x ...] [PUBLIC_LIBS ...] [PRIVATE_LIBS ...] [REAL])
#
# One static library. With REAL it is compiled twice: NAME with mg_real = float, which is the
# product, and NAME_f64 with mg_real = double, from the same sources, which is what the gradient
# tests differentiate.
add_library(mg_compile_options INTERFACE)
target_compile_options(mg_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  # No code here reads errno or traps of floating-point operations; without these two, loops over
  # sqrt and comparisons stay scalar.
  -fno-math-errno -fno-trapping-math)
target_compile_definitions(mg_compile_options INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
target_include_directories(mg_compile_options INTERFACE
  ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
set(CMAKE_C_FLAGS_RELEASE "-O3 -g -DNDEBUG")
if(MGAIL_NATIVE)
  target_compile_options(mg_compile_options INTERFACE -march=native)
endif()
if(MGAIL_SANITIZE)
  target_compile_options(mg_compile_options INTERFACE -fsanitize=${MGAIL_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(mg_compile_options INTERFACE -fsanitize=${MGAIL_SANITIZE})
endif()

function(mg_library name)
  cmake_parse_arguments(A "REAL" "" "SOURCES;DEPENDS;PUBLIC_LIBS;PRIVATE_LIBS" ${ARGN})
  set(variants ${name})
  if(A_REAL AND MGAIL_TESTS)
    list(APPEND variants ${name}_f64)
  endif()
  foreach(target IN LISTS variants)
    add_library(${target} STATIC ${A_SOURCES})
    target_link_libraries(${target} PUBLIC mg_compile_options ${A_PUBLIC_LIBS}
                                    PRIVATE ${A_PRIVATE_LIBS})
    if(NOT target STREQUAL name)
      target_compile_definitions(${target} PUBLIC MG_REAL_DOUBLE)
    endif()
    foreach(dep IN LISTS A_DEPENDS)
      if(NOT target STREQUAL name AND TARGET ${dep}_f64)
        target_link_libraries(${target} PUBLIC ${dep}_f64)
      else()
        target_link_libraries(${target} PUBLIC ${dep})
      endif()
    endforeach()
  endforeach()
endfunction()
