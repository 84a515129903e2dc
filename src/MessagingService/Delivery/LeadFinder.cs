using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.People;
using ZohoPlatform.MessagingService.Phones;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>
/// Finds the leads of people by their phones: in what was told of the CRM, then by asking its database for every common spelling and for all that changed
/// since it was told, or, before everything was told once, in its search index, which knows other spellings but not what was made a moment ago. What is found is
/// compared by the person's phone, whatever Zoho thinks of it.
/// </summary>
internal sealed class LeadFinder(CrmClient crm, PeopleStore people)
{
    // of a query with 25 criteria of 50 values each
    private const int MostValues = 600;
    private const string Converted = "Converted__s";

    // what is written bears a time that may be a little before it shows
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    /// <summary>The record of each conversation that has one. What is left out has none, as far as Zoho knows.</summary>
    public async Task<Result<IReadOnlyDictionary<Guid, CrmRecordKey>>> FindAsync(
        ProviderCall call, CrmShape shape, string? region, IReadOnlyList<ConversationRow> conversations, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, CrmRecordKey>();
        Failure? failure = null;
        var told = await people.FindAsync(call.Tenant, [.. conversations.Select(one => one.PhoneKey!)], cancellationToken);
        foreach (var conversation in conversations)
        {
            if (told.TryGetValue(conversation.PhoneKey!, out var record))
            {
                found[conversation.Id] = record;
            }
        }

        foreach (var (module, phones) in (IEnumerable<(string, IReadOnlyList<string>)>)[(CrmModules.Leads, shape.Leads.Phones), (CrmModules.Contacts, shape.ContactPhones)])
        {
            if (phones.Count == 0)
            {
                continue;
            }

            var isLeads = module == CrmModules.Leads;
            var withoutConverted = isLeads && shape.Leads.HasConverted;
            if (await AskAsync(call, module, phones, withoutConverted, region, Left(), found, cancellationToken) is { } unasked)
            {
                return unasked;
            }

            if (Left() is not [_, ..] left)
            {
                continue;
            }

            var areAllSeen = false;
            if (await people.KnownUntilAsync(call.Tenant, module, region, cancellationToken) is { } known
                && !(await AskRecentAsync(call, module, phones, withoutConverted, known - Overlap, region, left, found, cancellationToken))
                    .Succeeded(out areAllSeen, out failure))
            {
                return failure;
            }

            if (isLeads && !areAllSeen
                && await SearchAsync(call, module, phones, withoutConverted, region, Left(), found, cancellationToken) is { } refused)
            {
                return refused;
            }
        }

        return found;

        List<ConversationRow> Left() => [.. conversations.Where(one => !found.ContainsKey(one.Id))];
    }

    private async Task<Failure?> AskAsync(
        ProviderCall call, string module, IReadOnlyList<string> phones, bool withoutConverted, string? region, List<ConversationRow> left,
        Dictionary<Guid, CrmRecordKey> found, CancellationToken cancellationToken)
    {
        var spellings = left
            .SelectMany(one => PhoneSpellings.Of(PhoneNumber.FromWaId(one.Phone![1..])!))
            .Distinct(StringComparer.Ordinal)
            .Chunk(MostValues / phones.Count);
        foreach (var values in spellings)
        {
            var wanted = phones
                .Select(field => CrmCondition.In(field, [.. values.Select(CrmValue.Of)]))
                .Aggregate((one, other) => one.Or(other));
            // one credit, as a rule
            var query = new CrmQuery(module, [.. phones])
            {
                Where = withoutConverted ? wanted.And(CrmCondition.Equal(Converted, CrmValue.Of(false))) : wanted,
            };
            if (!(await crm.QueryAsync(call, query, cancellationToken)).Succeeded(out var page, out var failure)
                || (page.HasMore && !(await crm.QueryAsync(call, query with { Limit = CrmQuery.MostRows }, cancellationToken)).Succeeded(out page, out failure)))
            {
                return failure;
            }

            Compare(module, phones, region, page.Records, left, found);
        }

        return null;
    }

    // whatever their spelling; false where there are too many to see all of them
    private async Task<Result<bool>> AskRecentAsync(
        ProviderCall call, string module, IReadOnlyList<string> phones, bool withoutConverted, DateTimeOffset since, string? region, List<ConversationRow> left,
        Dictionary<Guid, CrmRecordKey> found, CancellationToken cancellationToken)
    {
        var recent = CrmCondition.AtOrAfter("Modified_Time", CrmValue.Of(since));
        var query = new CrmQuery(module, [.. phones])
        {
            Where = withoutConverted ? recent.And(CrmCondition.Equal(Converted, CrmValue.Of(false))) : recent,
        };
        if (!(await crm.QueryAsync(call, query, cancellationToken)).Succeeded(out var page, out var failure)
            || (page.HasMore && !(await crm.QueryAsync(call, query with { Limit = CrmQuery.MostRows }, cancellationToken)).Succeeded(out page, out failure)))
        {
            return failure;
        }

        Compare(module, phones, region, page.Records, left, found);
        return !page.HasMore;
    }

    private async Task<Failure?> SearchAsync(
        ProviderCall call, string module, IReadOnlyList<string> phones, bool withoutConverted, string? region, List<ConversationRow> left,
        Dictionary<Guid, CrmRecordKey> found, CancellationToken cancellationToken)
    {
        foreach (var one in left)
        {
            var tail = PhoneSpellings.SearchTail(PhoneNumber.FromWaId(one.Phone![1..])!);
            if (!CrmSearch.ByPhone(tail).Succeeded(out var search, out _))
            {
                continue;
            }

            if (!(await crm.SearchAsync(call, module, search, phones, converted: null, page: 1, cancellationToken)).Succeeded(out var page, out var failure))
            {
                return failure;
            }

            // the index has records that are gone by now, or were converted
            if (!(await ThereAsync(call, module, phones, withoutConverted, page.Records, cancellationToken)).Succeeded(out var there, out failure))
            {
                return failure;
            }

            Compare(module, phones, region, there, [one], found);
        }

        return null;
    }

    private async Task<Result<IReadOnlyList<CrmRecord>>> ThereAsync(
        ProviderCall call, string module, IReadOnlyList<string> phones, bool withoutConverted, IReadOnlyList<CrmRecord> records,
        CancellationToken cancellationToken)
    {
        if (records.Count == 0)
        {
            return records.ToList();
        }

        var wanted = CrmCondition.In("id", [.. records.Select(record => CrmValue.Of(record.Id))]);
        var query = new CrmQuery(module, [.. phones])
        {
            Where = withoutConverted ? wanted.And(CrmCondition.Equal(Converted, CrmValue.Of(false))) : wanted,
        };
        return (await crm.QueryAsync(call, query, cancellationToken)).Succeeded(out var page, out var failure) ? page.Records.ToList() : failure;
    }

    // of several the oldest: ids count up
    private static void Compare(
        string module, IReadOnlyList<string> phones, string? region, IReadOnlyList<CrmRecord> records, List<ConversationRow> left,
        Dictionary<Guid, CrmRecordKey> found)
    {
        var byKey = left.ToDictionary(one => one.PhoneKey!, one => one.Id, StringComparer.Ordinal);
        foreach (var record in records.OrderBy(one => one.Id.Length).ThenBy(one => one.Id, StringComparer.Ordinal))
        {
            foreach (var field in phones)
            {
                if (PhoneNumber.OfRecord(record.Text(field), region) is { } phone && byKey.TryGetValue(phone.Key, out var conversation))
                {
                    found.TryAdd(conversation, new CrmRecordKey(module, record.Id));
                }
            }
        }
    }
}
