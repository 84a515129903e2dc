using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Providers.Zoho.Campaigns;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Results;

/// <summary>What was read from Zoho, in the words of the contract; what Zoho left out is left out.</summary>
internal static class WireResults
{
    public static Wire.MailingList ToWire(this MailingList list)
    {
        var wire = new Wire.MailingList { Key = list.Key, Name = list.Name };
        Set(list.Contacts, contacts => wire.Contacts = contacts);
        Set(list.Unsubscribed, unsubscribed => wire.Unsubscribed = unsubscribed);
        Set(list.Bounced, bounced => wire.Bounced = bounced);
        return wire;
    }

    public static Wire.Subscriber ToWire(this ListSubscriber subscriber) => new()
    {
        Email = subscriber.Email,
        FirstName = subscriber.FirstName ?? "",
        LastName = subscriber.LastName ?? "",
        Company = subscriber.Company ?? "",
        Phone = subscriber.Phone ?? "",
        AddedAt = subscriber.AddedAt?.ToTimestamp(),
    };

    public static Wire.Campaign ToWire(this Campaign campaign) => new()
    {
        Key = campaign.Key,
        Name = campaign.Name,
        Status = campaign.Status ?? "",
        Subject = campaign.Subject ?? "",
        FromEmail = campaign.FromEmail ?? "",
        CreatedAt = campaign.CreatedAt?.ToTimestamp(),
        SentAt = campaign.SentAt?.ToTimestamp(),
    };

    public static Wire.CampaignReport ToWire(this CampaignReport report, string key, Timestamp readAt)
    {
        var wire = new Wire.CampaignReport { CampaignKey = key, CampaignName = report.Name ?? "", ReadAt = readAt };
        foreach (var (location, contacts) in report.ByLocation)
        {
            wire.ByLocation[location] = contacts;
        }

        Set(report.Sent, count => wire.Sent = count);
        Set(report.Delivered, count => wire.Delivered = count);
        Set(report.Opened, count => wire.Opened = count);
        Set(report.Clicked, count => wire.Clicked = count);
        Set(report.HardBounces, count => wire.HardBounces = count);
        Set(report.SoftBounces, count => wire.SoftBounces = count);
        Set(report.Unsubscribed, count => wire.Unsubscribed = count);
        Set(report.SpamReports, count => wire.SpamReports = count);
        Set(report.Complaints, count => wire.Complaints = count);
        Set(report.Forwarded, count => wire.Forwarded = count);
        Set(report.Unsent, count => wire.Unsent = count);
        Set(report.DeliveryRate, rate => wire.DeliveryRate = rate);
        Set(report.OpenRate, rate => wire.OpenRate = rate);
        Set(report.ClickRate, rate => wire.ClickRate = rate);
        Set(report.ClickToOpenRate, rate => wire.ClickToOpenRate = rate);
        Set(report.BounceRate, rate => wire.BounceRate = rate);
        Set(report.UnsubscribeRate, rate => wire.UnsubscribeRate = rate);
        return wire;
    }

    public static RecipientAction FromWire(this Wire.RecipientAction action) => action switch
    {
        Wire.RecipientAction.Sent => RecipientAction.Sent,
        Wire.RecipientAction.Opened => RecipientAction.Opened,
        Wire.RecipientAction.Clicked => RecipientAction.Clicked,
        Wire.RecipientAction.Unopened => RecipientAction.Unopened,
        Wire.RecipientAction.Unsubscribed => RecipientAction.Unsubscribed,
        Wire.RecipientAction.Spam => RecipientAction.Spam,
        Wire.RecipientAction.HardBounce => RecipientAction.HardBounce,
        Wire.RecipientAction.SoftBounce => RecipientAction.SoftBounce,
        Wire.RecipientAction.Unsent => RecipientAction.Unsent,
        Wire.RecipientAction.Unspecified => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    // the contract has fields that are there or not, where a value here is null or not
    private static void Set<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } known)
        {
            set(known);
        }
    }
}
