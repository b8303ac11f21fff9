// delivery/kinds.h: how each kind of channel sends: one function a kind, each in a file of its own.
//
// kinds.cc's send() is the only caller. None of them is ever an Error: whatever happens is an
// Answer, whose id and attempt send() fills in.

#pragma once

#include "core/channel.h"
#include "core/delivery.h"
#include "core/message.h"
#include "delivery/send.h"
#include "ports/post.h"

namespace lares::deliver {

/// Through an SMTP server or a sendmail program. `words` is what the server said. Recipients who
/// were refused for good beside others who got it are named in a `sent`. When some were told to
/// wait, it is `later`, and `provider` says who has it already, for Try::resume.
delivery::Answer send_mail(channel::Channel const&, message::Message const&, Try const&,
                           ports::Post&);
delivery::Answer send_sms(channel::Channel const&, message::Message const&, Try const&,
                          ports::Post&);
delivery::Answer send_telegram(channel::Channel const&, message::Message const&, Try const&,
                               ports::Post&);
delivery::Answer send_mastodon(channel::Channel const&, message::Message const&, Try const&,
                               ports::Post&);
delivery::Answer send_x(channel::Channel const&, message::Message const&, Try const&, ports::Post&);
delivery::Answer send_bluesky(channel::Channel const&, message::Message const&, Try const&,
                              ports::Post&);
delivery::Answer send_webhook(channel::Channel const&, message::Message const&, Try const&,
                              ports::Post&);
/// The channel's command: its words with {{title}} and the like filled in, the text as standard
/// input, the rest in the environment. Exit status 0: sent, 75: later, any other: refused.
delivery::Answer send_command(channel::Channel const&, message::Message const&, Try const&,
                              ports::Post&);

}  // namespace lares::deliver
