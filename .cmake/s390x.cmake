# IBM Z: big-endian. Debian's cross compiler and its multiarch libraries.
set(LEITHER_TRIPLE s390x-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR s390x)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
