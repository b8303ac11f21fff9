// control/describe_messages.h: what is told about channels, deliveries and alerts.
//
// Pure: rows in, structs out, as describe_work.h has it. No secret of a channel is in any of them.

#pragma once

#include "control/message_house.h"
#include "text/value.h"

namespace lares::control {

text::Value channel_value(ChannelInfo const&);
text::Value budget_value(BudgetInfo const&);
text::Value delivery_value(delivery::Delivery const&);
/// With the message: its title, text and the rest, as an object.
text::Value delivery_details(delivery::Delivery const&);
text::Value alert_value(AlertInfo const&);

}  // namespace lares::control
