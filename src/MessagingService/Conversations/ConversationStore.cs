using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.MessagingService.Phones;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Conversations;

/// <summary>Which conversations a caller looks for.</summary>
internal sealed record ConversationFilter(string Query, bool UnreadOnly, Conversation.Types.CrmState State);

/// <summary>Reads conversations, and says where they open in Zoho CRM.</summary>
internal sealed class ConversationStore(TenantDb<MessagingDbContext> db, SettingsStore settings, TimeProvider clock)
{
    public static readonly Failure NotFound = MessageStore.NoConversation;

    public static readonly Failure LinkNotFound = new(FailureKind.NotFound, "link_not_found", "There is no such link.");

    private static readonly Failure WithoutCountry = Failure.InvalidField(
        "query",
        "query is a phone without its country, and no conversation has these digits: write it as +49 30 1234567, or set default_region in the Zoho settings for phones without one.");

    // fewer are a part of too many phones
    private const int FewestDigits = 4;

    // from here on it is a whole number, and not the end of one
    private const int WholeNumber = 7;

    private static readonly Failure NoLead = new(
        FailureKind.Precondition, "no_lead_yet", "The conversation has no lead in Zoho CRM yet: it gets one with its first message that is synced.");

    /// <summary>Those that are looked for, the one with the last message first.</summary>
    public async Task<Result<IReadOnlyList<ConversationRow>>> ListAsync(
        TenantId tenant, ConversationFilter filter, (DateTimeOffset At, Guid Id)? after, int count, CancellationToken cancellationToken)
    {
        var region = filter.Query.Length > 0 ? await settings.RegionAsync(tenant, cancellationToken) : null;
        var phone = PhoneNumber.Parse(filter.Query, region);
        var digits = DigitsOf(filter.Query);
        await using var context = db.For(tenant);
        var rows = context.Conversations.AsNoTracking().Where(row => row.JoinedInto == null);
        // a number that is known is the one that is meant, and one with its country is no part of another
        if (phone is not null
            && (digits is null || IsWithCountry(filter.Query)
                || await context.Conversations.AnyAsync(row => row.PhoneKey == phone.Key, cancellationToken)))
        {
            rows = rows.Where(row => row.PhoneKey == phone.Key);
        }
        else if (filter.Query.Length > 0)
        {
            var pattern = LikePattern.Of(filter.Query);
            // null is no part of any phone
            var part = digits is null ? null : LikePattern.Of(digits);
            rows = rows.Where(row => EF.Functions.ILike(row.Name!, pattern, LikePattern.Escape) || EF.Functions.Like(row.Phone!, part!));
            if (digits is { Length: >= WholeNumber } && region is null && !IsWithCountry(filter.Query) && !await rows.AnyAsync(cancellationToken))
            {
                return WithoutCountry;
            }
        }

        if (filter.UnreadOnly)
        {
            rows = rows.Where(row => row.Unread > 0);
        }

        if (filter.State is not Conversation.Types.CrmState.Unspecified)
        {
            rows = rows.Where(row => row.CrmState == filter.State);
        }

        if (after is { } last)
        {
            rows = rows.Where(row => row.LastMessageAt < last.At || (row.LastMessageAt == last.At && row.Id < last.Id));
        }

        return await rows.OrderByDescending(row => row.LastMessageAt).ThenByDescending(row => row.Id).Take(count).ToListAsync(cancellationToken);
    }

    /// <summary>As callers see them, with how many of their messages wait and failed.</summary>
    public async Task<IReadOnlyList<Conversation>> ShowAsync(
        TenantId tenant, IReadOnlyList<ConversationRow> rows, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await ShowAsync(context, rows, cancellationToken);
    }

    public async Task<Result<Conversation>> GetAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await FindAsync(context, id, cancellationToken) is { } row ? (await ShowAsync(context, [row], cancellationToken))[0] : NotFound;
    }

    /// <summary>Nothing of it is unread any more.</summary>
    public async Task<Result<Conversation>> MarkReadAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        if (await FindAsync(context, id, cancellationToken) is not { } found)
        {
            return NotFound;
        }

        var now = clock.GetUtcNow();
        await context.Conversations.Where(known => known.Id == found.Id && known.Unread > 0).ExecuteUpdateAsync(
            set => set.SetProperty(known => known.Unread, 0).SetProperty(known => known.UpdatedAt, now), cancellationToken);
        return await FindAsync(context, id, cancellationToken) is { } row ? (await ShowAsync(context, [row], cancellationToken))[0] : NotFound;
    }

    /// <summary>Where one opens in Zoho CRM: by its id, or by a phone in any spelling.</summary>
    public async Task<Result<ConversationLink>> LinkAsync(TenantId tenant, string id, string phone, CancellationToken cancellationToken)
    {
        var set = await settings.ReadAsync(tenant, cancellationToken);
        await using var context = db.For(tenant);
        ConversationRow? row;
        if (id.Length > 0)
        {
            row = await FindAsync(context, id, cancellationToken);
        }
        else if (PhoneNumber.Parse(phone, set.DefaultRegion.Length == 0 ? null : set.DefaultRegion) is { } asked)
        {
            row = await context.Conversations.AsNoTracking().SingleOrDefaultAsync(known => known.PhoneKey == asked.Key, cancellationToken);
        }
        else
        {
            return Failure.InvalidField("phone", "phone is no phone number: write it with its country, as +49 30 1234567, with + as %2B in an address.");
        }

        if (row is null)
        {
            return NotFound;
        }

        var state = await context.CrmStates.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (row is not { CrmModule: { } module, CrmRecordId: { } recordId })
        {
            return WhyNoLead(row, state);
        }

        if (CrmAddresses.Of(state?.DataCentre ?? "", set.CrmOrganizationId.Length > 0 ? set.CrmOrganizationId : state?.Zgid ?? "") is not { } addresses)
        {
            return NoLead;
        }

        return new ConversationLink
        {
            ConversationId = row.Id.ToString(),
            Url = addresses.Record(module, recordId),
            MessagesUrl = row.Phone is { } shown ? addresses.Messages(shown) : "",
            LeadMessagesUrl = addresses.MessagesOf(module, recordId),
            Token = LinkTokens.Sign(tenant, row.Id, settings.LinkKeyOf(set)),
            CrmModule = module,
            CrmRecordId = recordId,
        };
    }

    /// <summary>Where a signed link leads; a failure with the reason while there is no lead.</summary>
    public async Task<Result<string>> OpenAsync(string token, CancellationToken cancellationToken)
    {
        if (LinkTokens.Read(token) is not { } named)
        {
            return LinkNotFound;
        }

        SettingsRow? set;
        await using (var context = db.For(named.Tenant))
        {
            // not made for whoever sends a token
            set = await context.Settings.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        }

        if (set is null || !LinkTokens.IsSigned(token, settings.LinkKeyOf(set)))
        {
            return LinkNotFound;
        }

        var link = await LinkAsync(named.Tenant, named.Conversation.ToString(), "", cancellationToken);
        return link.Succeeded(out var found, out var failure) ? found.Url
            : failure.Kind is FailureKind.NotFound ? LinkNotFound
            : failure;
    }

    // null where the text is no part of a phone
    private static string? DigitsOf(string query)
    {
        var digits = string.Concat(query.Where(char.IsAsciiDigit));
        if (digits.Length < FewestDigits || !query.All(c => char.IsAsciiDigit(c) || " +-()./".Contains(c, StringComparison.Ordinal)))
        {
            return null;
        }

        // what is dialled before a whole number is not in E.164
        return digits.Length >= WholeNumber && digits.TrimStart('0') is { Length: >= FewestDigits } dialled ? dialled : digits;
    }

    private static bool IsWithCountry(string query) => query.StartsWith('+') || query.StartsWith("00", StringComparison.Ordinal);

    private static Failure WhyNoLead(ConversationRow row, CrmStateRow? state) => row switch
    {
        { PhoneKey: null } => new Failure(
            FailureKind.Precondition, "no_phone", "The person's phone is not known, by which leads of Zoho CRM are found."),
        { CrmState: Conversation.Types.CrmState.Failed } => new Failure(FailureKind.Precondition, row.CrmCode, row.CrmMessage),
        { CrmState: Conversation.Types.CrmState.Pending } when state is { Code: { Length: > 0 } code } => new Failure(FailureKind.Precondition, code, state.Message),
        _ => NoLead,
    };

    private static async Task<ConversationRow?> FindAsync(MessagingDbContext context, string id, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var conversationId))
        {
            return null;
        }

        var row = await context.Conversations.AsNoTracking().SingleOrDefaultAsync(known => known.Id == conversationId, cancellationToken);
        return row?.JoinedInto is { } kept
            ? await context.Conversations.AsNoTracking().SingleOrDefaultAsync(known => known.Id == kept, cancellationToken)
            : row;
    }

    private static async Task<IReadOnlyList<Conversation>> ShowAsync(
        MessagingDbContext context, IReadOnlyList<ConversationRow> rows, CancellationToken cancellationToken)
    {
        var ids = rows.Select(row => row.Id).ToList();
        var counts = await context.Messages
            .Where(message => ids.Contains(message.ConversationId)
                && (message.SyncState == SyncState.Stored || message.SyncState == SyncState.Failed))
            .GroupBy(message => new { message.ConversationId, message.SyncState })
            .Select(group => new { group.Key.ConversationId, group.Key.SyncState, Count = group.Count() })
            .ToListAsync(cancellationToken);
        // where the way to Zoho CRM fails for all of the tenant, each that waits says so
        var state = rows.Any(IsPending) ? await context.CrmStates.AsNoTracking().SingleOrDefaultAsync(cancellationToken) : null;
        return [.. rows.Select(row => ToWire(row, IsPending(row) ? state : null, Count(row, SyncState.Stored), Count(row, SyncState.Failed)))];

        static bool IsPending(ConversationRow row) => row is { CrmState: Conversation.Types.CrmState.Pending, CrmCode: "" };

        int Count(ConversationRow row, SyncState state) =>
            counts.Find(one => one.ConversationId == row.Id && one.SyncState == state)?.Count ?? 0;
    }

    private static Conversation ToWire(ConversationRow row, CrmStateRow? state, int waiting, int failed) => new()
    {
        Id = row.Id.ToString(),
        Phone = row.Phone ?? "",
        UserId = row.UserId ?? "",
        Name = row.Name ?? "",
        Messages = row.Messages,
        Unread = row.Unread,
        LastMessageAt = row.LastMessageAt.ToTimestamp(),
        LastText = row.LastText,
        CrmState = row.CrmState,
        CrmModule = row.CrmModule ?? "",
        CrmRecordId = row.CrmRecordId ?? "",
        Code = state?.Code ?? row.CrmCode,
        Message = state?.Message ?? row.CrmMessage,
        CreatedAt = row.CreatedAt.ToTimestamp(),
        UpdatedAt = row.UpdatedAt.ToTimestamp(),
        Waiting = waiting,
        Failed = failed,
    };
}
