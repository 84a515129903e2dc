using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.WebhookService.Subscriptions;

/// <summary>Where a tenant wants to be told, and of what.</summary>
internal sealed class WebhookRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string Url { get; set; }

    public required List<string> EventTypes { get; set; }

    /// <summary>What an event must be about, to the letter; anything where it is empty.</summary>
    public required List<string> Subjects { get; set; }

    public required byte[] SecretSealed { get; set; }

    /// <summary>The secret before; null once its overlap is over and somebody came by.</summary>
    public byte[]? PreviousSecretSealed { get; set; }

    /// <summary>From then on the secret before signs nothing any more.</summary>
    public DateTimeOffset? PreviousSecretEndsAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when nothing was taken.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>From then on it is sent nothing but tests.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    public string DisabledReason { get; init; } = "";

    public static SealedColumn Secrets { get; } = new("webhooks", "secret_sealed", "'webhook:' || id", "secret");

    public static SealedColumn PreviousSecrets { get; } = new("webhooks", "previous_secret_sealed", "'webhook:' || id", "previous_secret");

    /// <summary>The secrets that sign at <paramref name="now"/>, the newest first.</summary>
    public IReadOnlyList<string> SecretsAt(DateTimeOffset now, Seals seals)
    {
        var secret = seals.Open(PlaceOf(TenantId, Id), SecretSealed);
        return PreviousSecretSealed is { } previous && now < PreviousSecretEndsAt
            ? [secret, seals.Open(PreviousPlaceOf(TenantId, Id), previous)]
            : [secret];
    }

    public static SecretPlace PlaceOf(TenantId tenant, Guid id) => new(tenant, $"webhook:{id}", Secrets.Field);

    public static SecretPlace PreviousPlaceOf(TenantId tenant, Guid id) => new(tenant, $"webhook:{id}", PreviousSecrets.Field);
}
