# 64-bit Arm: little-endian, with other rules for alignment and the order of memory.
set(LEITHER_TRIPLE aarch64-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
