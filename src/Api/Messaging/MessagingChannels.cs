namespace ZohoPlatform.Api.Messaging;

/// <summary>A WhatsApp app of Meta's Cloud API through which messages shall come in. A tenant has 50 at most.</summary>
/// <param name="Name">1 to 100 characters.</param>
public sealed record NewMessagingChannel(string Name)
{
    /// <summary>The app's secret, from Meta's dashboard (App settings, Basic). Until there is one, what comes is refused.</summary>
    public string? AppSecret { get; init; }

    /// <summary>Messages of other numbers of the same app are left alone; of all numbers when absent.</summary>
    public string? PhoneNumberId { get; init; }

    // a record prints its members: one is a secret
    public override string ToString() => $"{nameof(NewMessagingChannel)} {Name}";
}

/// <summary>
/// What is changed of a channel; what is absent stays, what is set to null is cleared, or refused where it may not be empty.
/// </summary>
public sealed record MessagingChannelChange
{
    /// <summary>1 to 100 characters.</summary>
    public string? Name { get; init => field = value ?? ""; }

    /// <summary>One that equals its mask is kept.</summary>
    public string? AppSecret { get; init => field = value ?? ""; }

    /// <summary>As <see cref="NewMessagingChannel"/> has it.</summary>
    public string? PhoneNumberId { get; init => field = value ?? ""; }

    // a record prints its members: one is a secret
    public override string ToString() => nameof(MessagingChannelChange);
}

/// <summary>Through which messages come in: a WhatsApp app of Meta's Cloud API.</summary>
/// <param name="Id">Of the channel.</param>
/// <param name="Name">As people know it.</param>
/// <param name="WebhookUrl">The callback URL to give to Meta, with the verify token.</param>
/// <param name="VerifyToken">Whole in the answer that makes it, and in no other: <c>••••</c> and its last four characters.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="Etag">
/// Of its settings as they are: send it as If-Match with a change, which is then refused where somebody else was faster.
/// </param>
public sealed record MessagingChannel(
    string Id, string Name, string WebhookUrl, string VerifyToken, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string Etag)
{
    /// <summary><c>••••</c> and the secret's last four characters; absent while there is none: what comes is refused until then.</summary>
    public string? AppSecret { get; init; }

    /// <summary>Messages of other numbers of the same app are left alone; absent where all are taken.</summary>
    public string? PhoneNumberId { get; init; }

    /// <summary>When something with the right signature last came; absent where nothing did.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>When Meta last asked for the verify token and got it right.</summary>
    public DateTimeOffset? VerifiedAt { get; init; }

    // a record prints its members: one may be a secret
    public override string ToString() => $"{nameof(MessagingChannel)} {Id}";
}

/// <summary>A page of the tenant's channels.</summary>
/// <param name="Channels">Oldest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="Total">On all pages together.</param>
public sealed record MessagingChannelList(IReadOnlyList<MessagingChannel> Channels, string? NextPageToken, int Total)
{
    public IReadOnlyList<MessagingChannel> Channels { get; init; } = Channels ?? [];
}
