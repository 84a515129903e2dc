using System.Security.Cryptography;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>How a contact stands to one list.</summary>
internal enum Membership
{
    Active,

    /// <summary>A list with a sign-up form has sent its confirmation mail.</summary>
    Unconfirmed,
    Unsub,
    Bounce,
    Spam,
}

/// <summary>A person of the organisation, once however many lists hold them. Fields go by display name, the address among them.</summary>
internal sealed class Contact(string email)
{
    public string Email { get; } = email;

    public Dictionary<string, string> Fields { get; init; } = new(StringComparer.Ordinal) { [ContactField.Email] = email };

    public bool DoNotMail { get; set; }
}

internal sealed class ListContact(Contact contact, DateTimeOffset addedAt)
{
    public Contact Contact { get; } = contact;

    public DateTimeOffset AddedAt { get; } = addedAt;

    /// <summary>Changed by <see cref="MailingList.Move"/> only, which keeps the counts.</summary>
    public Membership Status { get; set; }
}

internal sealed class MailingList(string key, string name, bool hasSignupForm, DateTimeOffset createdAt, int number)
{
    private readonly Dictionary<string, ListContact> _byEmail = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ListContact> _contacts = [];
    private readonly int[] _counts = new int[Enum.GetValues<Membership>().Length];

    // made when it is asked for, so that a page of a large list costs no more than a page
    private readonly List<ListContact>?[] _byStatus = new List<ListContact>?[Enum.GetValues<Membership>().Length];

    public string Key { get; } = key;

    public string Name { get; } = name;

    /// <summary>A public list asks new contacts to confirm by mail.</summary>
    public bool HasSignupForm { get; } = hasSignupForm;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public int Number { get; } = number;

    /// <summary>In the order they came.</summary>
    public IReadOnlyList<ListContact> Contacts => _contacts;

    public ListContact? Find(string email) => _byEmail.GetValueOrDefault(email);

    public int Count(Membership status) => _counts[(int)status];

    /// <summary>Those of a status, in the order they came to the list.</summary>
    public IReadOnlyList<ListContact> In(Membership status) =>
        _byStatus[(int)status] ??= _contacts.FindAll(member => member.Status == status);

    public void Add(Contact contact, DateTimeOffset now, Membership status)
    {
        var added = new ListContact(contact, now) { Status = status };
        _byEmail[contact.Email] = added;
        _contacts.Add(added);
        _counts[(int)status]++;
        _byStatus[(int)status]?.Add(added);
    }

    public void Move(ListContact member, Membership to)
    {
        if (member.Status == to)
        {
            return;
        }

        _counts[(int)member.Status]--;
        _counts[(int)to]++;
        _byStatus[(int)member.Status] = _byStatus[(int)to] = null;
        member.Status = to;
    }
}

/// <summary>A field contacts may have; what is sent under any other name is dropped without a word.</summary>
internal sealed record ContactField(string DisplayName, string FieldName, long Id, string Type, bool IsCustom)
{
    public const string Email = "Contact Email";
}

/// <summary>One organisation's Zoho Campaigns. Whoever uses it holds <see cref="Gate"/>.</summary>
internal sealed class CampaignsAccount(long organisationId)
{
    private const long FirstFieldId = 1_127_772_000_000_000_021;

    private readonly Dictionary<string, Contact> _contacts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ContactField> _fields = [];
    private readonly List<MailingList> _lists = [];
    private readonly List<Campaign> _campaigns = [];

    public Lock Gate { get; } = new();

    public long OrganisationId { get; } = organisationId;

    public IReadOnlyList<ContactField> Fields => _fields;

    public IReadOnlyList<MailingList> Lists => _lists;

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<Campaign> Campaigns => _campaigns;

    public static CampaignsAccount WithStandardFields(long organisationId)
    {
        var account = new CampaignsAccount(organisationId);
        foreach (var (display, field) in new[]
        {
            (ContactField.Email, "contact_email"), ("First Name", "firstname"), ("Last Name", "lastname"), ("Phone", "phone"),
            ("Company", "companyname"),
        })
        {
            account.AddField(display, field, "text", isCustom: false);
        }

        return account;
    }

    public MailingList? FindList(string key) => _lists.Find(list => list.Key == key);

    public bool HasField(string displayName) => _fields.Exists(field => field.DisplayName == displayName);

    public void AddField(string displayName, string fieldName, string type, bool isCustom) =>
        _fields.Add(new(displayName, fieldName, FirstFieldId + (2 * _fields.Count), type, isCustom));

    public MailingList AddList(string name, bool hasSignupForm, DateTimeOffset now, string? key = null)
    {
        key ??= "3z" + RandomNumberGenerator.GetHexString(64, lowercase: true);
        var list = new MailingList(key, name, hasSignupForm, now, _lists.Count + 1);
        _lists.Add(list);
        return list;
    }

    public Campaign? FindCampaign(string key) => _campaigns.Find(campaign => campaign.Key == key);

    public void Add(Campaign campaign) => _campaigns.Add(campaign);

    public Contact? FindContact(string email) => _contacts.GetValueOrDefault(email);

    /// <summary>The contact with that address, made when it is new, its known fields overwritten.</summary>
    public Contact PutContact(string email, IEnumerable<KeyValuePair<string, string>> fields)
    {
        if (!_contacts.TryGetValue(email, out var contact))
        {
            _contacts[email] = contact = new(email);
        }

        foreach (var (name, value) in fields.Where(field => field.Key != ContactField.Email && HasField(field.Key)))
        {
            contact.Fields[name] = value;
        }

        return contact;
    }

    /// <summary>No list may mail this address any more.</summary>
    public void MoveToDoNotMail(Contact contact)
    {
        contact.DoNotMail = true;
        foreach (var list in _lists)
        {
            if (list.Find(contact.Email) is { } member)
            {
                list.Move(member, Membership.Unsub);
            }
        }
    }

    public AccountSnapshot Snapshot() => new(
        OrganisationId,
        [.. _fields],
        [.. _contacts.Values.Select(contact =>
            new ContactSnapshot(contact.Email, new(contact.Fields, StringComparer.Ordinal), contact.DoNotMail))],
        [.. _lists.Select(list => new ListSnapshot(
            list.Key, list.Name, list.HasSignupForm, list.CreatedAt,
            [.. list.Contacts.Select(member => new MemberSnapshot(member.Contact.Email, member.Status, member.AddedAt))]))],
        [.. _campaigns.Select(campaign => campaign.Snapshot())]);

    public static CampaignsAccount From(AccountSnapshot snapshot)
    {
        var account = new CampaignsAccount(snapshot.OrganisationId);
        account._fields.AddRange(snapshot.Fields);
        foreach (var contact in snapshot.Contacts)
        {
            account._contacts[contact.Email] = new(contact.Email)
            {
                Fields = new(contact.Fields, StringComparer.Ordinal),
                DoNotMail = contact.DoNotMail,
            };
        }

        foreach (var saved in snapshot.Lists)
        {
            var list = account.AddList(saved.Name, saved.HasSignupForm, saved.CreatedAt, saved.Key);
            foreach (var member in saved.Members)
            {
                list.Add(account._contacts[member.Email], member.AddedAt, member.Status);
            }
        }

        account._campaigns.AddRange((snapshot.Campaigns ?? []).Select(saved => Campaign.From(saved, account._contacts)));

        return account;
    }
}

/// <summary>The Campaigns accounts of all organisations.</summary>
internal sealed class CampaignsAccounts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, CampaignsAccount> _accounts = [];

    public CampaignsAccount Of(long organisationId)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(organisationId, out var account))
            {
                _accounts[organisationId] = account = CampaignsAccount.WithStandardFields(organisationId);
            }

            return account;
        }
    }

    public IReadOnlyList<AccountSnapshot> Snapshot()
    {
        List<CampaignsAccount> accounts;
        lock (_gate)
        {
            accounts = [.. _accounts.Values];
        }

        return [.. accounts.Select(account =>
        {
            lock (account.Gate)
            {
                return account.Snapshot();
            }
        })];
    }

    public void Restore(IReadOnlyList<AccountSnapshot> snapshots)
    {
        lock (_gate)
        {
            _accounts.Clear();
            foreach (var snapshot in snapshots)
            {
                _accounts[snapshot.OrganisationId] = CampaignsAccount.From(snapshot);
            }
        }
    }
}

internal sealed record AccountSnapshot(
    long OrganisationId, IReadOnlyList<ContactField> Fields, IReadOnlyList<ContactSnapshot> Contacts, IReadOnlyList<ListSnapshot> Lists,
    IReadOnlyList<CampaignSnapshot>? Campaigns = null);

internal sealed record ContactSnapshot(string Email, Dictionary<string, string> Fields, bool DoNotMail);

internal sealed record ListSnapshot(
    string Key, string Name, bool HasSignupForm, DateTimeOffset CreatedAt, IReadOnlyList<MemberSnapshot> Members);

internal sealed record MemberSnapshot(string Email, Membership Status, DateTimeOffset AddedAt);
