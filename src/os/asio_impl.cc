// os/asio_impl.cc: the one unit that holds Boost.Asio's compiled half
// (BOOST_ASIO_SEPARATE_COMPILATION, set by cmake/Rooms.cmake).

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#include <boost/asio/impl/src.hpp>
#pragma GCC diagnostic pop
