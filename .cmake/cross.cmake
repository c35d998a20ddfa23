# What the toolchain files beside this share, for cmake -DCMAKE_TOOLCHAIN_FILE=.cmake/s390x.cmake in
# a Debian whose libraries of that architecture are installed (tests/lib/cross.sh makes one).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${LEITHER_TRIPLE}-gcc)
set(CMAKE_ASM_COMPILER ${LEITHER_TRIPLE}-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE ${LEITHER_TRIPLE})
