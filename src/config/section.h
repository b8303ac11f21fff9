// config/section.h: the kinds of sections whose options have rows.

#pragma once

namespace lares::config {

enum class Section {
    supervisord,
    lares,
    unix_http_server,
    inet_http_server,
    supervisorctl,
    user,
    program,
    eventlistener,
    fcgi_program,
    group,
    socket,
    task,
    folder,
    crontab,
    incrontab,
    channel,
    budget,
    include,
    rpcinterface
};

}  // namespace lares::config
