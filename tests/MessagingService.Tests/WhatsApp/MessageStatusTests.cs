using ZohoPlatform.MessagingService.Messages;

namespace ZohoPlatform.MessagingService.Tests.WhatsApp;

public sealed class MessageStatusTests
{
    [Fact]
    public void A_message_only_goes_forward_and_what_was_delivered_cannot_fail()
    {
        var all = Enum.GetValues<MessageStatus>();

        var told = all.SelectMany(now => all.Where(next => MessageStatus.Replaces(now, next)).Select(next => $"{now}>{next}"));

        Assert.Equal(
            [
                "Queued>Sent", "Queued>Delivered", "Queued>Read", "Queued>Played", "Queued>Failed",
                "Sent>Delivered", "Sent>Read", "Sent>Played", "Sent>Failed",
                "Delivered>Read", "Delivered>Played",
                "Read>Played",
            ],
            told);
    }
}
