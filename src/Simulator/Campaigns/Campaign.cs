using System.Security.Cryptography;

namespace ZohoPlatform.Simulator.Campaigns;

internal enum CampaignStatus
{
    Draft,
    Scheduled,
    Sent,
}

/// <summary>What happens with a recipient of a campaign. Zoho Campaigns, "Get campaign recipients data".</summary>
internal enum RecipientAction
{
    SentContacts,
    OpenedContacts,
    OptOutContacts,
    SpamContacts,
    UnopenedContacts,
    ClickedContacts,
    SentHardBounce,
    SentSoftBounce,
    UnsentContacts,
}

/// <summary>How many recipients did what; with whom it happened follows from the order they came to the list.</summary>
/// <param name="Unsent">Of the list's active contacts.</param>
/// <param name="HardBounces">Of those it was sent to, as the soft ones; the rest got it.</param>
/// <param name="SoftBounces">Of those it was sent to.</param>
/// <param name="Opened">Of those who got it.</param>
/// <param name="Clicked">Of those who opened it.</param>
/// <param name="Unsubscribed">Of those who got it.</param>
/// <param name="Spam">Of those who got it.</param>
/// <param name="Complaints">A count alone: Zoho names nobody.</param>
/// <param name="Forwards">A count alone.</param>
internal sealed record CampaignFigures(
    int Unsent = 0, int HardBounces = 0, int SoftBounces = 0, int Opened = 0, int Clicked = 0, int Unsubscribed = 0, int Spam = 0,
    int Complaints = 0, int Forwards = 0);

/// <summary>A campaign and, once it was sent, with whom what happened. Never changes.</summary>
internal sealed class Campaign
{
    private readonly Dictionary<RecipientAction, IReadOnlyList<Contact>> _recipients = [];

    private Campaign(string key, string name, string subject, string fromEmail, CampaignStatus status, DateTimeOffset createdAt)
    {
        (Key, Name, Subject, FromEmail, Status, CreatedAt) = (key, name, subject, fromEmail, status, createdAt);
    }

    public string Key { get; }

    public string Name { get; }

    public string Subject { get; }

    public string FromEmail { get; }

    public CampaignStatus Status { get; }

    public DateTimeOffset CreatedAt { get; }

    public int Complaints { get; private init; }

    public int Forwards { get; private init; }

    public int Delivered => Count(RecipientAction.OpenedContacts) + Count(RecipientAction.UnopenedContacts);

    public IReadOnlyList<Contact> Recipients(RecipientAction action) => _recipients.GetValueOrDefault(action, []);

    public int Count(RecipientAction action) => Recipients(action).Count;

    public static Campaign NotSent(string? key, string name, string subject, string fromEmail, CampaignStatus status, DateTimeOffset now) =>
        new(key ?? NewKey(), name, subject, fromEmail, status, now);

    /// <summary>
    /// Sends to the active contacts of <paramref name="list"/>. Who unsubscribes, bounces hard or reports spam is no active contact of the
    /// list any more. Null when the figures do not fit the list.
    /// </summary>
    public static Campaign? Send(
        string? key, string name, string subject, string fromEmail, MailingList list, CampaignFigures figures, DateTimeOffset now)
    {
        List<Contact> contacts = [.. list.In(Membership.Active).Select(member => member.Contact)];
        var sent = contacts.Count - figures.Unsent;
        var delivered = sent - figures.HardBounces - figures.SoftBounces;
        if (sent < 0 || delivered < 0 || figures.Opened > delivered || figures.Clicked > figures.Opened
            || figures.Unsubscribed + figures.Spam > delivered)
        {
            return null;
        }

        var got = contacts[(contacts.Count - delivered)..];
        var campaign = new Campaign(key ?? NewKey(), name, subject, fromEmail, CampaignStatus.Sent, now)
        {
            Complaints = figures.Complaints,
            Forwards = figures.Forwards,
        };
        campaign._recipients[RecipientAction.UnsentContacts] = contacts[..figures.Unsent];
        campaign._recipients[RecipientAction.SentContacts] = contacts[figures.Unsent..];
        campaign._recipients[RecipientAction.SentHardBounce] = contacts.GetRange(figures.Unsent, figures.HardBounces);
        campaign._recipients[RecipientAction.SentSoftBounce] = contacts.GetRange(figures.Unsent + figures.HardBounces, figures.SoftBounces);
        campaign._recipients[RecipientAction.OpenedContacts] = got[..figures.Opened];
        campaign._recipients[RecipientAction.UnopenedContacts] = got[figures.Opened..];
        campaign._recipients[RecipientAction.ClickedContacts] = got[..figures.Clicked];
        campaign._recipients[RecipientAction.OptOutContacts] = got[^figures.Unsubscribed..];
        campaign._recipients[RecipientAction.SpamContacts] =
            got.GetRange(delivered - figures.Unsubscribed - figures.Spam, figures.Spam);

        foreach (var (action, status) in new[]
        {
            (RecipientAction.SentHardBounce, Membership.Bounce), (RecipientAction.OptOutContacts, Membership.Unsub),
            (RecipientAction.SpamContacts, Membership.Spam),
        })
        {
            foreach (var contact in campaign.Recipients(action))
            {
                list.Move(list.Find(contact.Email)!, status);
            }
        }

        return campaign;
    }

    public CampaignSnapshot Snapshot() => new(
        Key, Name, Subject, FromEmail, Status, CreatedAt, Complaints, Forwards,
        _recipients.ToDictionary(row => row.Key, row => row.Value.Select(contact => contact.Email).ToList()));

    public static Campaign From(CampaignSnapshot saved, IReadOnlyDictionary<string, Contact> contacts)
    {
        var campaign = new Campaign(saved.Key, saved.Name, saved.Subject, saved.FromEmail, saved.Status, saved.CreatedAt)
        {
            Complaints = saved.Complaints,
            Forwards = saved.Forwards,
        };
        foreach (var (action, emails) in saved.Recipients)
        {
            campaign._recipients[action] = [.. emails.Select(email => contacts[email])];
        }

        return campaign;
    }

    private static string NewKey() => "3z" + RandomNumberGenerator.GetHexString(64, lowercase: true);
}

internal sealed record CampaignSnapshot(
    string Key, string Name, string Subject, string FromEmail, CampaignStatus Status, DateTimeOffset CreatedAt, int Complaints, int Forwards,
    Dictionary<RecipientAction, List<string>> Recipients);
