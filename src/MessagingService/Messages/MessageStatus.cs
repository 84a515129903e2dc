namespace ZohoPlatform.MessagingService.Messages;

/// <summary>What became of a message that was sent, in the order of the road; <see cref="Failed"/> is its end.</summary>
internal enum MessageStatus
{
    Queued,
    Sent,
    Delivered,
    Read,

    /// <summary>A voice message was listened to.</summary>
    Played,

    Failed,
}

internal static class MessageStatuses
{
    extension(MessageStatus)
    {
        /// <summary>
        /// Is <paramref name="next"/> news for a message that is <paramref name="now"/>? Statuses come twice, late and out of order: a
        /// message only goes forward, what was delivered cannot fail, and what failed stays so.
        /// </summary>
        public static bool Replaces(MessageStatus now, MessageStatus next) => next is MessageStatus.Failed
            ? now is MessageStatus.Queued or MessageStatus.Sent
            : now is not MessageStatus.Failed && next > now;
    }
}
