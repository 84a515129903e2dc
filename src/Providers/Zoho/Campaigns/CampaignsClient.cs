using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>
/// Zoho Campaigns API v1.1. Whether a call succeeded is decided by the body: Zoho answers 200 to most refusals. A failure's
/// <c>CampaignsClass</c> (<see cref="CampaignsFailures"/>) says what follows from it. Calls wait for nothing: where the quota is used up
/// they fail with <c>quota_reached</c> and the time until it is not.
/// </summary>
public sealed class CampaignsClient(HttpClient http, QuotaGovernor quota)
{
    private const int ListsPerPage = 100;
    private const int MaxListPages = 50;

    // names with accents and + in addresses are sent as they are; the form encodes them once
    private static readonly JsonSerializerOptions ContactInfoJson = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Puts one contact into a list, or updates it where the list holds it already. <paramref name="contactInfo"/> is by display name
    /// (<c>Contact Email</c>, which is mandatory, <c>First Name</c>...); Zoho ignores names that it does not know.
    /// </summary>
    public async Task<Result<SubscribeOutcome>> SubscribeAsync(
        ProviderCall call, string listKey, IReadOnlyDictionary<string, string> contactInfo, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> form =
        [
            new("resfmt", "JSON"),
            new("listkey", listKey),
            new("contactinfo", JsonSerializer.Serialize(contactInfo, ContactInfoJson)),
        ];
        if (!(await SendAsync(call, CampaignsMethods.Subscribe, form, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Class switch
        {
            CampaignsCodeClass.AlreadyDone => SubscribeOutcome.AlreadySubscribed,
            // an update is a success whose only sign is in the text
            CampaignsCodeClass.Done => answer.Envelope.Message.Contains("already exist", StringComparison.OrdinalIgnoreCase)
                ? SubscribeOutcome.AlreadySubscribed
                : SubscribeOutcome.Subscribed,
            _ => CampaignsFailures.BadAnswer,
        };
    }

    /// <summary>All mailing lists of the account, none where it has none yet.</summary>
    public async Task<Result<MailingList[]>> GetMailingListsAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        var lists = new Dictionary<string, MailingList>(StringComparer.Ordinal);
        for (var page = 0; page < MaxListPages; page++)
        {
            List<KeyValuePair<string, string>> form =
            [
                new("resfmt", "JSON"),
                new("sort", "asc"),
                new("fromindex", ((page * ListsPerPage) + 1).ToString(CultureInfo.InvariantCulture)),
                new("range", ListsPerPage.ToString(CultureInfo.InvariantCulture)),
            ];
            if (!(await SendAsync(call, CampaignsMethods.MailingLists, form, cancellationToken)).Succeeded(out var answer, out var failure))
            {
                return failure;
            }

            if (answer.Class is CampaignsCodeClass.Empty)
            {
                break;
            }

            if (answer.Envelope.Data.Property("list_of_details") is not { ValueKind: JsonValueKind.Array } details)
            {
                return CampaignsFailures.BadAnswer;
            }

            var known = lists.Count;
            foreach (var list in details.EnumerateArray())
            {
                if (list.Text("listkey") is { } key)
                {
                    lists[key] = new MailingList(key, list.Text("listname") ?? key, list.Number("noofcontacts"));
                }
            }

            // a server that does not honour the index would show the first page for ever
            if (details.GetArrayLength() < ListsPerPage || lists.Count == known)
            {
                break;
            }
        }

        return lists.Values.ToArray();
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

    // a failure, or an answer whose class is Done, AlreadyDone or Empty
    private async Task<Result<Answer>> SendAsync(
        ProviderCall call, CampaignsMethod method, List<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        var dataCentre = call.DataCentre ?? throw new ArgumentException("A call of Zoho Campaigns needs a data centre.", nameof(call));
        if (dataCentre.CampaignsHost is not { } campaignsHost)
        {
            return CampaignsFailures.NotOffered(dataCentre);
        }

        // Zoho counts by account and does not say which account a connection belongs to: a tenant's connections count together, to be safe
        var scope = $"zoho-campaigns:{dataCentre.Code}:{call.Tenant}";
        using var form = new FormUrlEncodedContent(parameters);
        using var request = new HttpRequestMessage(method.Verb, $"https://{campaignsHost}/api/v1.1/{method.Path}");
        if (method.Verb == HttpMethod.Get)
        {
            request.RequestUri = new Uri($"{request.RequestUri}?{await form.ReadAsStringAsync(cancellationToken)}");
        }
        else
        {
            request.Content = form;
        }

        new ProviderRequest(call, scope, method.Quota, method.Repeatable).AttachTo(request);

        var sent = await ProviderAnswer.SendAsync(http, request, CampaignsFailures.Unavailable, cancellationToken);
        if (!sent.Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.IsTransient)
        {
            return CampaignsFailures.Unavailable;
        }

        var envelope = CampaignsEnvelope.Read(answer.Body);
        if (IsLock(answer, envelope))
        {
            // not cancelled with the caller: everyone has to know
            return await quota.ReportLockAsync(scope, method.Quota, CancellationToken.None);
        }

        return (answer.Status, envelope) switch
        {
            (HttpStatusCode.Unauthorized, _) => CampaignsCodes.TokenRefused.ToFailure(),
            (_, null) => CampaignsFailures.BadAnswer,
            (_, { Code: { } code }) => CampaignsCodes.Find(code, method) switch
            {
                // it says done and not done
                { Class: CampaignsCodeClass.Done } when envelope.SaysSuccess is false => CampaignsFailures.BadAnswer,
                { Class: CampaignsCodeClass.Done or CampaignsCodeClass.AlreadyDone or CampaignsCodeClass.Empty } found =>
                    new Answer(found.Class, envelope),
                var found => found.ToFailure(),
            },
            // data alone are a success; so is a status alone
            (HttpStatusCode.OK, _) when envelope.SaysSuccess is not false => new Answer(CampaignsCodeClass.Done, envelope),
            _ => CampaignsFailures.BadAnswer,
        };
    }

    // no page of Zoho's shows what a locked method answers; these are the code of its sister product and what others have met
    private static bool IsLock(ProviderAnswer answer, CampaignsEnvelope? envelope) =>
        answer.Status is HttpStatusCode.TooManyRequests
        || envelope?.Code == CampaignsCodes.CallLimitExceeded
        || ((envelope is null || !CampaignsCodes.IsDocumented(envelope.Code))
            && answer.Status is not HttpStatusCode.Unauthorized
            && SpeaksOfCallLimit(envelope?.Message ?? answer.Body));

    private static bool SpeaksOfCallLimit(string text) =>
        text.Contains("call limit", StringComparison.OrdinalIgnoreCase)
        || text.Contains("calls limit", StringComparison.OrdinalIgnoreCase)
        || text.Contains("limit exceeded", StringComparison.OrdinalIgnoreCase)
        || text.Contains("too many requests", StringComparison.OrdinalIgnoreCase);

    private sealed record Answer(CampaignsCodeClass Class, CampaignsEnvelope Envelope);
}
