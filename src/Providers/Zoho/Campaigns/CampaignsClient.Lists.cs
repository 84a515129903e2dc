using System.Text.Json;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

public sealed partial class CampaignsClient
{
    /// <summary>The largest range that is known to be taken; some accounts may refuse it, see <see cref="SubscriberPage"/>.</summary>
    public const int LargestRange = 500;

    private const int ListsPerPage = 100;
    private const int MaxListPages = 50;

    // Zoho documents "Limit given is more than the maximum" and no maximum; 20 is what it gives when nothing is asked for
    private static readonly int[] SmallerRanges = [200, 20];

    /// <summary>All mailing lists of the account, none where it has none yet.</summary>
    public async Task<Result<MailingList[]>> GetMailingListsAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        var lists = new Dictionary<string, MailingList>(StringComparer.Ordinal);
        var (from, range) = (1, ListsPerPage);
        for (var pages = 0; pages < MaxListPages; pages++)
        {
            var page = await ReadPageAsync(
                call, CampaignsMethods.MailingLists, Form(("sort", "asc")), "list_of_details", ReadList, from, range, cancellationToken);
            if (!page.Succeeded(out var read, out var failure))
            {
                return failure;
            }

            var known = lists.Count;
            foreach (var list in read.Items)
            {
                lists[list.Key] = list;
            }

            // a server that does not honour the index would show the first page for ever
            if (read.NextIndex is not { } next || lists.Count == known)
            {
                break;
            }

            (from, range) = (next, read.Range);
        }

        return lists.Values.ToArray();
    }

    /// <summary>
    /// Makes a mailing list that holds 1 to <see cref="BulkSize"/> addresses, and answers its key. <c>name_taken</c> where there is one of
    /// that name; <c>zoho_outcome_unknown</c> where it may have been made and no answer says so.
    /// </summary>
    public async Task<Result<MailingList>> CreateListAsync(
        ProviderCall call, string name, string description, IReadOnlyList<string> emails, bool publicSignup,
        CancellationToken cancellationToken)
    {
        ThrowUnlessBulk(emails);
        var form = Form(
            ("listname", name),
            ("listdescription", description),
            ("signupform", publicSignup ? "public" : "private"),
            ("mode", "newlist"),
            ("emailids", string.Join(',', emails)));
        if (!(await SendAsync(call, CampaignsMethods.CreateList, form, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Class is CampaignsCodeClass.Done && answer.Envelope.Data.Text("listkey") is { } key
            ? new MailingList(key, answer.Envelope.Data.Text("listname") ?? name, null, null, null, publicSignup)
            : CampaignsFailures.OutcomeUnknown;
    }

    /// <summary>
    /// Contacts of a list from <paramref name="fromIndex"/> (1 is the first) on, at most <paramref name="range"/> (1 to
    /// <see cref="LargestRange"/>). The list may change between two pages: nobody promises that none is shown twice or left out.
    /// </summary>
    public async Task<Result<SubscriberPage>> GetSubscribersAsync(
        ProviderCall call, string listKey, ListStatus status, int fromIndex, int range, CancellationToken cancellationToken)
    {
        var page = await ReadPageAsync(
            call, CampaignsMethods.Subscribers, Form(("listkey", listKey), ("status", NameOf(status)), ("sort", "asc")),
            "list_of_details", ReadSubscriber, fromIndex, range, cancellationToken);
        return page.Succeeded(out var read, out var failure) ? new SubscriberPage(read.Items, read.Range, read.NextIndex) : failure;
    }

    /// <summary>How many contacts of a list have that status.</summary>
    public async Task<Result<long>> CountSubscribersAsync(
        ProviderCall call, string listKey, ListStatus status, CancellationToken cancellationToken)
    {
        var form = Form(("listkey", listKey), ("status", NameOf(status)));
        if (!(await SendAsync(call, CampaignsMethods.SubscribersCount, form, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Class is CampaignsCodeClass.Empty ? 0
            : answer.Envelope.Data.Count("no_of_contacts") is { } count ? count
            : CampaignsFailures.BadAnswer;
    }

    /// <summary>The fields that contacts of the account have, custom ones included.</summary>
    public async Task<Result<ContactField[]>> GetContactFieldsAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> query = [new("type", "json")];
        if (!(await SendAsync(call, CampaignsMethods.ContactFields, query, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.Class is CampaignsCodeClass.Empty)
        {
            return Array.Empty<ContactField>();
        }

        var data = answer.Envelope.Data;
        return (data.Property("fieldnames") ?? data).Property("fieldname") is { ValueKind: JsonValueKind.Array } fields
            ? fields.EnumerateArray()
                .Where(field => field.Text("DISPLAY_NAME") is not null && field.Text("FIELD_NAME") is not null)
                .Select(field => new ContactField(
                    field.Text("DISPLAY_NAME")!,
                    field.Text("FIELD_NAME")!,
                    field.Property("IS_MANDATORY") is { ValueKind: JsonValueKind.True } || field.Text("IS_MANDATORY") is "true"))
                .ToArray()
            : CampaignsFailures.BadAnswer;
    }

    private async Task<Result<Page<T>>> ReadPageAsync<T>(
        ProviderCall call, CampaignsMethod method, List<KeyValuePair<string, string>> form, string property, Func<JsonElement, T?> read,
        int fromIndex, int range, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromIndex, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(range, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range, LargestRange);
        while (true)
        {
            var sent = await SendAsync(
                call, method, [.. form, new("fromindex", Text(fromIndex)), new("range", Text(range))], cancellationToken);
            if (sent.Succeeded(out var answer, out var failure))
            {
                if (answer.Class is CampaignsCodeClass.Empty)
                {
                    return new Page<T>([], range, null);
                }

                if (answer.Envelope.Data.Property(property) is not { ValueKind: JsonValueKind.Array } entries)
                {
                    return CampaignsFailures.BadAnswer;
                }

                var count = entries.GetArrayLength();
                return new Page<T>(
                    [.. entries.EnumerateArray().Select(read).OfType<T>()], range, count == 0 ? null : fromIndex + count);
            }

            if (failure.Code != CampaignsCodes.TooMany.FailureCode
                || SmallerRanges.FirstOrDefault(smaller => smaller < range) is not (> 0 and var smaller))
            {
                return failure;
            }

            range = smaller;
        }
    }

    private static MailingList? ReadList(JsonElement entry) => entry.Text("listkey") is { } key
        ? new MailingList(
            key, entry.Text("listname") ?? key, entry.Count("noofcontacts"), entry.Count("noofunsubcnt"), entry.Count("noofbouncecnt"),
            entry.Word("is_public") is "true")
        : null;

    // contacts of lists and recipients of campaigns name the address differently (Zoho Marketing Automation, too)
    private static ListSubscriber? ReadSubscriber(JsonElement entry) =>
        (entry.Word("contact_email") ?? entry.Word("contactemailaddress") ?? entry.Word("leademailaddress")) is { } email
            ? new ListSubscriber(
                email, entry.Word("firstname"), entry.Word("lastname"), entry.Word("companyname"), entry.Word("phone"),
                entry.Time("added_time"))
            : null;

    private static string NameOf(ListStatus status) => status switch
    {
        ListStatus.Active => "active",
        ListStatus.Recent => "recent",
        ListStatus.MostRecent => "mostrecent",
        ListStatus.Unsubscribed => "unsub",
        ListStatus.Bounced => "bounce",
        ListStatus.Spam => "spam",
    };

    private sealed record Page<T>(IReadOnlyList<T> Items, int Range, int? NextIndex);
}
