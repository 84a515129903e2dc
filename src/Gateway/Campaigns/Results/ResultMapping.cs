using ZohoPlatform.Api.Campaigns;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.Gateway.Campaigns.Results;

internal static class ResultMapping
{
    extension(Contract.MailingList list)
    {
        public MailingList ToApi() => new(
            list.Key,
            list.Name,
            list.HasContacts ? list.Contacts : null,
            list.HasUnsubscribed ? list.Unsubscribed : null,
            list.HasBounced ? list.Bounced : null);
    }

    extension(NewMailingList list)
    {
        public Contract.CreateMailingListRequest ToContract() => new()
        {
            Name = list.Name ?? "",
            Description = list.Description ?? "",
            Emails = { list.Emails.Select(email => email ?? "") },
            PublicSignup = list.PublicSignup ?? false,
        };
    }

    extension(Contract.Subscriber subscriber)
    {
        public Subscriber ToApi() => new(
            subscriber.Email,
            OrNull(subscriber.FirstName),
            OrNull(subscriber.LastName),
            OrNull(subscriber.Company),
            OrNull(subscriber.Phone),
            Time(subscriber.AddedAt));
    }

    extension(Contract.Campaign campaign)
    {
        public Campaign ToApi() => new(
            campaign.Key,
            campaign.Name,
            OrNull(campaign.Status),
            OrNull(campaign.Subject),
            OrNull(campaign.FromEmail),
            Time(campaign.CreatedAt),
            Time(campaign.SentAt));
    }

    extension(Contract.CampaignReport report)
    {
        public CampaignReport ToApi() => new(
            report.CampaignKey,
            report.CampaignName,
            report.HasSent ? report.Sent : null,
            report.HasDelivered ? report.Delivered : null,
            report.HasOpened ? report.Opened : null,
            report.HasClicked ? report.Clicked : null,
            report.HasHardBounces ? report.HardBounces : null,
            report.HasSoftBounces ? report.SoftBounces : null,
            report.HasUnsubscribed ? report.Unsubscribed : null,
            report.HasSpamReports ? report.SpamReports : null,
            report.HasComplaints ? report.Complaints : null,
            report.HasForwarded ? report.Forwarded : null,
            report.HasUnsent ? report.Unsent : null,
            report.HasDeliveryRate ? report.DeliveryRate : null,
            report.HasOpenRate ? report.OpenRate : null,
            report.HasClickRate ? report.ClickRate : null,
            report.HasClickToOpenRate ? report.ClickToOpenRate : null,
            report.HasBounceRate ? report.BounceRate : null,
            report.HasUnsubscribeRate ? report.UnsubscribeRate : null,
            report.ByLocation.ToDictionary(StringComparer.Ordinal),
            Time(report.ReadAt));
    }

    extension(Contract.CampaignsQuota quota)
    {
        public Quota ToApi() => new([.. quota.Methods.Select(method => method.ToApi())]);
    }

    extension(Contract.MethodQuota quota)
    {
        public MethodQuota ToApi() => new(
            quota.Method,
            [
                .. quota.Limits.Select(limit => new QuotaLimit(
                    (long)limit.Window.ToTimeSpan().TotalSeconds, limit.Calls, limit.Usable, limit.Used)),
            ],
            Time(quota.UnlocksAt));
    }
}
