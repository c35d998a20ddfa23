# One option chooses the kind of build; asserts stay on in all of them (no -DNDEBUG anywhere).
# leither_options: what every target of ours is compiled and linked with.
# leither_strict:  the warnings of the house; tests use them without -Wconversion.

add_library(leither_options INTERFACE)
target_include_directories(leither_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(leither_options INTERFACE
    _GNU_SOURCE LEITHER_VERSION="${PROJECT_VERSION}")
target_compile_options(leither_options INTERFACE
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
    -fno-strict-aliasing -fstack-protector-strong)

add_library(leither_strict INTERFACE)
target_compile_options(leither_strict INTERFACE -Wconversion)

set(LEITHER_OPTIMISE -O2 -g1)
if(LEITHER_BUILD STREQUAL "release" OR LEITHER_BUILD STREQUAL "static")
    target_compile_options(leither_options INTERFACE
        ${LEITHER_OPTIMISE} -ffunction-sections -fdata-sections -D_FORTIFY_SOURCE=2)
    target_link_options(leither_options INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
elseif(LEITHER_BUILD STREQUAL "asan")
    target_compile_options(leither_options INTERFACE
        -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all)
    target_link_options(leither_options INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(LEITHER_BUILD STREQUAL "tsan")
    target_compile_options(leither_options INTERFACE -O1 -g -fsanitize=thread)
    target_link_options(leither_options INTERFACE -fsanitize=thread)
elseif(LEITHER_BUILD STREQUAL "fuzz") # clang: CC=clang
    target_compile_options(leither_options INTERFACE
        -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
        -Wno-error) # gcc's warnings are the house's; clang has a few of its own
    target_link_options(leither_options INTERFACE -fsanitize=address,undefined)
elseif(LEITHER_BUILD STREQUAL "coverage")
    target_compile_options(leither_options INTERFACE -O0 -g --coverage)
    target_link_options(leither_options INTERFACE --coverage)
else()
    message(FATAL_ERROR "LEITHER_BUILD=${LEITHER_BUILD} is unknown; "
        "expected release, asan, tsan, fuzz, coverage or static")
endif()

# leither_library(NAME sources...): a static library of ours with the house's warnings.
function(leither_library name)
    add_library(${name} STATIC ${ARGN})
    target_link_libraries(${name} PUBLIC leither_options PRIVATE leither_strict)
endfunction()

# leither_program(NAME sources...): a program of ours, fully static in a static build.
function(leither_program name)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE leither_options leither_strict)
    # Not for tests: Criterion finds its tests in a section that nothing refers to.
    target_link_options(${name} PRIVATE -Wl,--gc-sections)
    if(LEITHER_BUILD STREQUAL "static")
        target_link_options(${name} PRIVATE -static)
    endif()
endfunction()
