# etcdlab as a module of an ns-3 tree, included by its CMakeLists.txt. `ns3_modules`: those it needs.
find_package(Boost 1.74 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)

set(CMAKE_UNITY_BUILD ON)
add_compile_definitions(ETCDLAB_VERSION="${ETCDLAB_VERSION}" ETCDLAB_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}")

file(GLOB sources CONFIGURE_DEPENDS
     model/base/*.cc model/raft/*.cc model/storage/*.cc model/etcd/*.cc model/etcd/pure/*.cc model/fault/*.cc
     model/monitoring/*.cc model/monitoring/pure/*.cc model/kubernetes/*.cc model/kubernetes/pure/*.cc
     model/transport/*.cc model/proxy/*.cc model/workload/*.cc
     helper/*.cc helper/scenario/*.cc helper/topology/*.cc)

# ns-3 puts a module's headers into one directory, where some of ours would meet its own (log.h): what users include goes
# there, and leads to the real one.
set(headers)
foreach(header helper/etcd-cluster-helper.h helper/kubernetes-helper.h helper/kv-client-helper.h helper/tcp-proxy-helper.h
        model/etcd/etcd-member.h model/proxy/tcp-proxy.h model/transport/tcp-network.h model/transport/wan-link.h
        model/workload/kv-client.h)
    get_filename_component(name ${header} NAME)
    set(leading ${CMAKE_CURRENT_BINARY_DIR}/headers/${name})
    file(CONFIGURE OUTPUT ${leading} CONTENT "#pragma once\n#include \"${CMAKE_CURRENT_SOURCE_DIR}/${header}\"\n")
    list(APPEND headers ${leading})
endforeach()

# The tests that need nothing but the module, an ns-3 suite for each of these folders.
set(test_folders base raft storage etcd/pure kubernetes/pure monitoring/pure monitoring transport scenario)
string(JOIN " " names ${test_folders})
set_source_files_properties(test/ns3-test-suites.cc PROPERTIES
                            COMPILE_DEFINITIONS "ETCDLAB_TEST_FOLDERS=\"${names}\""
                            SKIP_UNITY_BUILD_INCLUSION ON)
find_package(GTest QUIET)
set(tests)
if(GTest_FOUND)
    set(tests test/ns3-test-suites.cc)
    foreach(folder ${test_folders})
        file(GLOB found CONFIGURE_DEPENDS test/${folder}/*.cc)
        list(APPEND tests ${found})
    endforeach()
endif()

build_lib(LIBNAME etcdlab IGNORE_PCH
          SOURCE_FILES ${sources}
          HEADER_FILES ${headers}
          LIBRARIES_TO_LINK ${ns3_modules}
          TEST_SOURCES ${tests})

# Until 3.37 and some releases after it, targets were called lib…
foreach(target libetcdlab etcdlab)
    if(TARGET ${target}-obj)
        target_include_directories(${target}-obj PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
        target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>)
        target_compile_features(${target} INTERFACE cxx_std_20)
    endif()
    if(TARGET ${target}-test)
        target_link_libraries(${target}-test GTest::gtest)
    endif()
endforeach()
