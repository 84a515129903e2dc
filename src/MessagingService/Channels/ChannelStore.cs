using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Channels;

/// <summary>A tenant's channels.</summary>
internal sealed class ChannelStore(TenantDb<MessagingDbContext> db, Seals seals, TimeProvider clock)
{
    public const int Most = 50;

    private static readonly Failure Busy = new(
        FailureKind.Unavailable, "channels_busy", "Channels of this tenant are being changed by others: try again in a moment.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    public static readonly Failure NotFound = new(FailureKind.NotFound, "channel_not_found", "There is no channel with this id.");

    private const int TokenBytes = 24;
    private const int LongestName = 100;
    private const int LongestSecret = 200;
    private const int ShortestSecret = 8;
    private const int LongestPhoneNumberId = 40;

    // a busy channel is noted as often
    private static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(1);

    private static readonly Failure TooMany = new(
        FailureKind.RateLimited, "channels_full", $"A tenant has at most {Most} channels: delete one that is not used.");

    private static readonly Failure OtherEtag = new(
        FailureKind.Conflict, "etag_mismatch", "The channel was changed since this etag was read: read it again, and send the change with its etag.");

    public async Task<Result<Wire.ChannelWithToken>> CreateAsync(
        Caller caller, Wire.CreateChannelRequest request, CancellationToken cancellationToken)
    {
        if ((NameFault(request.Name) ?? SecretFault(request.AppSecret) ?? NumberFault(request.PhoneNumberId)) is { } fault)
        {
            return fault;
        }

        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // of two that are made at once, the second is counted too
        if (!await context.TryLockAsync(TurnOf(caller.Tenant), cancellationToken))
        {
            return Busy;
        }

        if (await context.Channels.CountAsync(cancellationToken) >= Most)
        {
            return TooMany;
        }

        var now = clock.GetUtcNow();
        var token = NewToken();
        var row = new ChannelRow
        {
            TenantId = caller.Tenant,
            Id = Guid.CreateVersion7(now),
            Name = request.Name.Trim(),
            VerifyToken = [],
            VerifyTokenMask = Secret.Mask(token),
            PhoneNumberId = request.PhoneNumberId,
            CreatedAt = now,
            UpdatedAt = now,
        };
        row.VerifyToken = seals.Seal(row.VerifyTokenPlace, token);
        SetSecret(row, request.AppSecret.Trim());
        context.Channels.Add(row);
        context.ChannelTenants.Add(new ChannelTenantRow { Id = row.Id, TenantId = caller.Tenant });
        context.Audit(AuditEntry.Of(caller, now, AuditActions.ChannelCreated, SubjectOf(row.Id), DetailsOf(row)));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Wire.ChannelWithToken { Channel = ToWire(row), VerifyToken = token };
    }

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<Wire.Channel>> ListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return [.. (await context.Channels.AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken)).Select(ToWire)];
    }

    public async Task<Result<Wire.Channel>> GetAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await FindAsync(context, id, cancellationToken) is { } row ? ToWire(row) : NotFound;
    }

    public async Task<Result<Wire.Channel>> UpdateAsync(Caller caller, Wire.UpdateChannelRequest request, CancellationToken cancellationToken)
    {
        var fault = (request.HasName ? NameFault(request.Name) : null)
            ?? (request.HasAppSecret && request.AppSecret.Length > 0 && !Secret.LooksMasked(request.AppSecret) ? SecretFault(request.AppSecret) : null)
            ?? (request.HasPhoneNumberId ? NumberFault(request.PhoneNumberId) : null);
        if (fault is not null)
        {
            return fault;
        }

        return await ChangeAsync(
            caller,
            request.Id,
            request.Etag,
            AuditActions.ChannelChanged,
            row =>
            {
                row.Name = request.HasName ? request.Name.Trim() : row.Name;
                row.PhoneNumberId = request.HasPhoneNumberId ? request.PhoneNumberId : row.PhoneNumberId;
                if (!request.HasAppSecret || request.AppSecret == row.AppSecretMask)
                {
                    return null;
                }

                if (Secret.LooksMasked(request.AppSecret))
                {
                    return Failure.InvalidField("app_secret", "app_secret is the mask of another secret: send the secret, or leave it out to keep it.");
                }

                SetSecret(row, request.AppSecret.Trim());
                return null;
            },
            cancellationToken);
    }

    public async Task<Result<Wire.ChannelWithToken>> RotateAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var token = NewToken();
        var changed = await ChangeAsync(
            caller,
            id,
            etag: "",
            AuditActions.ChannelRotated,
            row =>
            {
                (row.VerifyToken, row.VerifyTokenMask) = (seals.Seal(row.VerifyTokenPlace, token), Secret.Mask(token));
                return null;
            },
            cancellationToken);
        return changed.Succeeded(out var channel, out var failure) ? new Wire.ChannelWithToken { Channel = channel, VerifyToken = token } : failure;
    }

    /// <summary>Null when it is gone; its messages stay.</summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (!await context.TryLockAsync(TurnOf(caller.Tenant), cancellationToken))
        {
            return Busy;
        }

        if (await FindAsync(context, id, cancellationToken) is not { } row
            || await context.Channels.Where(known => known.Id == row.Id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return NotFound;
        }

        await context.ChannelTenants.Where(known => known.Id == row.Id).ExecuteDeleteAsync(cancellationToken);
        context.Entry(row).State = EntityState.Detached;
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), AuditActions.ChannelDeleted, SubjectOf(row.Id), DetailsOf(row)));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>The channel of an address, whosever it is, with its secrets opened; null where there is none.</summary>
    public async Task<OpenChannel?> OpenAsync(string id, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var channelId))
        {
            return null;
        }

        ChannelTenantRow? of;
        await using (var directory = db.ForNoTenant())
        {
            of = await directory.ChannelTenants.AsNoTracking().SingleOrDefaultAsync(row => row.Id == channelId, cancellationToken);
        }

        if (of is null)
        {
            return null;
        }

        await using var context = db.For(of.TenantId);
        return await context.Channels.AsNoTracking().SingleOrDefaultAsync(row => row.Id == channelId, cancellationToken) is { } row
            ? new OpenChannel(
                row.TenantId,
                row.Id,
                row.Name,
                row.PhoneNumberId,
                row.AppSecret is { } secret ? seals.Open(row.AppSecretPlace, secret) : "",
                seals.Open(row.VerifyTokenPlace, row.VerifyToken),
                row.ReceivedAt)
            : null;
    }

    /// <summary>Notes that something with the right signature came.</summary>
    public async Task NoteReceivedAsync(OpenChannel channel, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (channel.ReceivedAt > now - NoteEvery)
        {
            return;
        }

        await using var context = db.For(channel.Tenant);
        await context.Channels.Where(row => row.Id == channel.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.ReceivedAt, now), cancellationToken);
    }

    /// <summary>Notes that Meta knows the verify token.</summary>
    public async Task NoteVerifiedAsync(OpenChannel channel, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.For(channel.Tenant);
        await context.Channels.Where(row => row.Id == channel.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.VerifiedAt, now), cancellationToken);
    }

    private static string SubjectOf(Guid id) => $"channel:{id}";

    private static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));

    private static object DetailsOf(ChannelRow row) => new { name = row.Name, has_app_secret = row.AppSecret is not null };

    private static string EtagOf(ChannelRow row) => row.Version.ToString(CultureInfo.InvariantCulture);

    private static Failure? NameFault(string name) => name.Trim().Length is 0 or > LongestName || name.Any(char.IsControl)
        ? Failure.InvalidField("name", $"name must be 1 to {LongestName} characters of plain text.")
        : null;

    // Meta's have 32; what is guessed at once is none
    private static Failure? SecretFault(string secret) => secret.Trim().Length is > LongestSecret or (> 0 and < ShortestSecret) || secret.Any(char.IsControl)
        || Secret.LooksMasked(secret)
        ? Failure.InvalidField("app_secret", "app_secret must be the secret of the Meta app as its dashboard shows it (App settings, Basic).")
        : null;

    private static Failure? NumberFault(string id) => id.Length > LongestPhoneNumberId || !id.All(char.IsAsciiDigit)
        ? Failure.InvalidField("phone_number_id", "phone_number_id must be the number's id in Meta's dashboard (WhatsApp, API setup): digits, not the phone.")
        : null;

    private static async Task<ChannelRow?> FindAsync(MessagingDbContext context, string id, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var channelId) ? await context.Channels.SingleOrDefaultAsync(row => row.Id == channelId, cancellationToken) : null;

    private static Wire.Channel ToWire(ChannelRow row) => new()
    {
        Id = row.Id.ToString(),
        Name = row.Name,
        AppSecret = row.AppSecretMask,
        VerifyToken = row.VerifyTokenMask,
        PhoneNumberId = row.PhoneNumberId,
        CreatedAt = row.CreatedAt.ToTimestamp(),
        UpdatedAt = row.UpdatedAt.ToTimestamp(),
        ReceivedAt = row.ReceivedAt?.ToTimestamp(),
        VerifiedAt = row.VerifiedAt?.ToTimestamp(),
        Etag = EtagOf(row),
    };

    private static string TurnOf(TenantId tenant) => $"channels {tenant}";

    private void SetSecret(ChannelRow row, string secret) => (row.AppSecret, row.AppSecretMask) =
        secret.Length == 0 ? (null, "") : (seals.Seal(row.AppSecretPlace, secret), Secret.Mask(secret));

    private async Task<Result<Wire.Channel>> ChangeAsync(
        Caller caller, string id, string etag, string action, Func<ChannelRow, Failure?> change, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // of two changes at once the second one goes on from the first
        if (!await context.TryLockAsync(TurnOf(caller.Tenant), cancellationToken))
        {
            return Busy;
        }

        if (await FindAsync(context, id, cancellationToken) is not { } row)
        {
            return NotFound;
        }

        if (etag.Length > 0 && etag != EtagOf(row))
        {
            return OtherEtag;
        }

        if (change(row) is { } refused)
        {
            return refused;
        }

        row.UpdatedAt = clock.GetUtcNow();
        row.Version++;
        context.Audit(AuditEntry.Of(caller, row.UpdatedAt, action, SubjectOf(row.Id), DetailsOf(row)));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ToWire(row);
    }
}

/// <summary>A channel with what proves who calls it. Not to be printed.</summary>
internal sealed record OpenChannel(
    TenantId Tenant, Guid Id, string Name, string PhoneNumberId, string AppSecret, string VerifyToken, DateTimeOffset? ReceivedAt)
{
    public override string ToString() => $"channel {Id}";
}
