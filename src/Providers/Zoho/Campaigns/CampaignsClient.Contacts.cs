using System.Text.Encodings.Web;
using System.Text.Json;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

public sealed partial class CampaignsClient
{
    /// <summary>How many addresses one bulk call takes (Zoho Campaigns, "Add contacts to existing list").</summary>
    public const int BulkSize = 10;

    private const string ContactEmail = "Contact Email";

    // names with accents and + in addresses are sent as they are; the form encodes them once
    private static readonly JsonSerializerOptions ContactInfoJson = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc cref="SubscribeAsync(ProviderCall, string, IReadOnlyDictionary{string, string}, bool, CancellationToken)"/>
    public Task<Result<SubscribeOutcome>> SubscribeAsync(
        ProviderCall call, string listKey, IReadOnlyDictionary<string, string> contactInfo, CancellationToken cancellationToken) =>
        SubscribeAsync(call, listKey, contactInfo, resubscribe: false, cancellationToken);

    /// <summary>
    /// Puts one contact into a list, or updates it where the list holds it already. <paramref name="contactInfo"/> is by display name
    /// (<c>Contact Email</c>, which is mandatory, <c>First Name</c>...); Zoho ignores names that it does not know.
    /// <paramref name="resubscribe"/> brings back who has left; only with that person's consent.
    /// </summary>
    public async Task<Result<SubscribeOutcome>> SubscribeAsync(
        ProviderCall call, string listKey, IReadOnlyDictionary<string, string> contactInfo, bool resubscribe,
        CancellationToken cancellationToken)
    {
        var form = Form(("listkey", listKey), ("contactinfo", JsonSerializer.Serialize(contactInfo, ContactInfoJson)));
        if (resubscribe)
        {
            form.Add(new("donotmail_resub", "true"));
        }

        if (!(await SendAsync(call, CampaignsMethods.Subscribe, form, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Class switch
        {
            CampaignsCodeClass.AlreadyDone => SubscribeOutcome.AlreadySubscribed,
            // an update, and a mail that is to be confirmed, are successes whose only sign is in the text
            CampaignsCodeClass.Done => answer.Envelope.Message switch
            {
                var text when text.Contains("already exist", StringComparison.OrdinalIgnoreCase) => SubscribeOutcome.AlreadySubscribed,
                var text when text.Contains("confirm", StringComparison.OrdinalIgnoreCase) => SubscribeOutcome.ConfirmationSent,
                var text when text.Contains("successfully subscribed", StringComparison.OrdinalIgnoreCase) => SubscribeOutcome.Subscribed,
                _ => SubscribeOutcome.Accepted,
            },
            _ => CampaignsFailures.BadAnswer,
        };
    }

    /// <summary>
    /// Puts 1 to <see cref="BulkSize"/> addresses into a list, without any other field. Who is on it stays as they are: those who left it
    /// stay away. Where a first answer was lost and the call was made again, what the first one added is told as existing.
    /// </summary>
    public async Task<Result<BulkOutcome>> AddInBulkAsync(
        ProviderCall call, string listKey, IReadOnlyList<string> emails, CancellationToken cancellationToken)
    {
        ThrowUnlessBulk(emails);
        var form = Form(("listkey", listKey), ("emailids", string.Join(',', emails)));
        if (!(await SendAsync(call, CampaignsMethods.BulkAdd, form, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Class switch
        {
            CampaignsCodeClass.AlreadyDone => new BulkOutcome(Addresses(emails), Addresses([]), Addresses([])),
            CampaignsCodeClass.Done => ReadBulk(answer.Envelope.Data, emails),
            _ => CampaignsFailures.BadAnswer,
        };
    }

    /// <summary>
    /// Takes a contact off a list; one that has left it already is a success. <c>contact_not_found</c> where Zoho does not know it: it
    /// would not stay away then.
    /// </summary>
    public Task<Result<CampaignsDone>> UnsubscribeAsync(
        ProviderCall call, string listKey, string email, CancellationToken cancellationToken) => DoAsync(
        call, CampaignsMethods.Unsubscribe, Form(("listkey", listKey), ("contactinfo", ContactInfoOf(email))), cancellationToken);

    /// <summary>No list mails this contact any more; one that is there already is a success.</summary>
    public Task<Result<CampaignsDone>> MarkDoNotMailAsync(ProviderCall call, string email, CancellationToken cancellationToken) => DoAsync(
        call, CampaignsMethods.DoNotMail, Form(("contactinfo", ContactInfoOf(email))), cancellationToken);

    private async Task<Result<CampaignsDone>> DoAsync(
        ProviderCall call, CampaignsMethod method, List<KeyValuePair<string, string>> form, CancellationToken cancellationToken)
    {
        if (!(await SendAsync(call, method, form, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Class is CampaignsCodeClass.Empty
            ? CampaignsFailures.BadAnswer
            : new CampaignsDone(Before: answer.Class is CampaignsCodeClass.AlreadyDone);
    }

    private static string ContactInfoOf(string email) => JsonSerializer.Serialize(
        new Dictionary<string, string>(StringComparer.Ordinal) { [ContactEmail] = email }, ContactInfoJson);

    private static void ThrowUnlessBulk(IReadOnlyList<string> emails)
    {
        if (emails.Count is < 1 or > BulkSize || emails.Any(email => email.Contains(',', StringComparison.Ordinal)))
        {
            throw new ArgumentException($"A bulk call takes 1 to {BulkSize} addresses, none with a comma.", nameof(emails));
        }
    }

    private static BulkOutcome ReadBulk(JsonElement data, IReadOnlyList<string> emails)
    {
        var sent = Addresses(emails);
        var (existing, ignored) = (ReadEntries(data, "existing_contacts").ToList(), ReadEntries(data, "ignored_contacts").ToList());
        var named = Addresses(existing.Concat(ignored).OfType<string>());
        // whoever is named nowhere was added, unless somebody is named in a way that cannot be read
        var isClear = !existing.Contains(null) && !ignored.Contains(null) && named.IsSubsetOf(sent);
        return new BulkOutcome(
            Addresses(existing.OfType<string>()), Addresses(ignored.OfType<string>()), Addresses(isClear ? [] : sent.Except(named, sent.Comparer)));
    }

    private static HashSet<string> Addresses(IEnumerable<string> emails) => new(emails, StringComparer.OrdinalIgnoreCase);

    // An array on every account that was seen; a text with commas is how Zoho writes lists elsewhere. Null is an entry that names nobody.
    private static IEnumerable<string?> ReadEntries(JsonElement data, string name) => data.Property(name) switch
    {
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray()
            .Where(entry => entry.ValueKind is not JsonValueKind.Null)
            .Select(entry => entry.ValueKind is JsonValueKind.String ? entry.GetString()!.Trim() : entry.Word("contact_email")),
        { ValueKind: JsonValueKind.String } => (data.Word(name) ?? "").Trim('[', ']')
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined or JsonValueKind.False } => [],
        _ when data.Count(name) is 0 => [],
        _ => [null],
    };
}
